package diagnose

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// nginxNoMemory: nginx itself was refused memory, or a process.
func nginxNoMemory(v *view) (*finding, string) {
	l, ok := v.last(detect.EventNginxNoMemory)
	if !ok {
		return nil, "nginx has memory"
	}
	return found(detect.WorkerOOM, 70).line(l).
		lasts("free -m; ps -eo rss,pid,args --sort -rss | head   # nginx gets no memory: who has it"), ""
}

// portFlooded: the kernel says that connections to a port come faster than they are accepted.
func portFlooded(v *view) (*finding, string) {
	l, ok := v.trusted(detect.EventSYNFlood)
	if !ok || l.Attr["port"] == "80" || l.Attr["port"] == "443" {
		return nil, "no port is flooded"
	}
	return found(detect.BacklogFull, 60).line(l).about("port", l.Attr["port"]).
		lasts("ss -ltn 'sport = :%s'   # Recv-Q above Send-Q: more comes in than is accepted", l.Attr["port"]), ""
}

// packetsDropped: the kernel itself tells that it throws packets away on the way to the upstream. What a
// firewall blocks on a public machine is mostly none of ours: only the upstream's own port counts.
func packetsDropped(v *view) (*finding, string) {
	if l, ok := v.trusted(detect.EventConntrackFull); ok {
		return found(detect.NetUnreachable, 70).line(l).
			lasts("sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max   # the table of connections is full, new ones are dropped").
			lasts("a unix socket between nginx and gunicorn needs no entry in it"), ""
	}
	for _, l := range v.events[detect.EventFirewall] {
		if c, ok := v.toPort(l.Attr["port"]); ok && (l.Source == detect.FromKernel || v.f.Offline) {
			return found(detect.NetUnreachable, 82).line(l).contact(c).about("target", c.target).
				lasts("ufw status; ufw allow from ADDRESS to any port %s   # nginx's own address", l.Attr["port"]), ""
		}
	}
	return nil, "no packet is known to be dropped"
}

// toPort is a failed connect, or a wait for one, that went to the port.
func (v *view) toPort(port string) (contact, bool) {
	for _, c := range v.contacts() {
		if !c.unix() && port != "" && strings.HasSuffix(c.target, ":"+port) {
			return c, true
		}
	}
	for _, l := range v.events[detect.EventUpstreamTimeout] {
		if strings.HasSuffix(l.Attr["upstream"], ":"+port) && strings.HasPrefix(l.Attr["while"], "connecting") {
			return contact{target: l.Attr["upstream"], line: l}, true
		}
	}
	return contact{}, false
}

// directoryNotMade: systemd could not make the directories that the unit names.
func directoryNotMade(v *view) (*finding, string) {
	if p, ok := v.inTheWay(); ok {
		return v.cannotBeMade(p), ""
	}
	step, l := v.stepOf()
	if !strings.HasSuffix(step, "_DIRECTORY") {
		return nil, "every directory of the unit was made"
	}
	for _, failed := range v.events[detect.EventSpawnFailed] {
		if why := failed.Attr["reason"]; strings.HasPrefix(why, "No space left") || strings.HasPrefix(why, "Read-only file system") || strings.HasPrefix(why, "Disk quota") {
			return v.aboutUnit(found(detect.DiskFull, 85)).line(failed).
				lasts("df -h /run /var; df -i /run /var   # systemd could not make the unit's directory"), ""
		}
	}
	f := v.aboutUnit(found(detect.ExecPathWrong, 62)).because("unit.exit_status", "systemd could not make a directory of the unit: step %s", step)
	if l.Event != "" {
		f.line(l)
	}
	return f.lasts("systemctl cat %s   # RuntimeDirectory=, StateDirectory= and the like: a file lies in the way, or a parent may not be written", v.unitOr()), ""
}

// inTheWay is what lies where systemd makes the unit's runtime directory, and is no directory. No start comes
// past it (systemd 252 and 257: 233/RUNTIME_DIRECTORY), and a restart would end what still runs. A DynamicUser='s
// is a link of systemd's own, to /run/private.
func (v *view) inTheWay() (detect.PathPart, bool) {
	if v.f.Offline || v.f.Path == nil || v.f.Upstream.Healthy() {
		return detect.PathPart{}, false
	}
	for _, p := range v.f.Path.Parts {
		private := strings.HasPrefix(p.Real, "private/") || strings.HasPrefix(p.Real, "/run/private/")
		if v.ownRuntimeDir(p.Path) && (p.Kind == "link" && !private || p.Kind == "file" || p.Kind == "socket" || p.Kind == "other") {
			return p, true
		}
	}
	return detect.PathPart{}, false
}

func (v *view) cannotBeMade(p detect.PathPart) *finding {
	f := v.aboutUnit(found(detect.ExecPathWrong, 90)).about("path", p.Path).watch(p.Path).
		because("path.part", "%s is a %s: systemd makes a directory there at each start, and no start comes past it", p.Path, p.Kind)
	if p.Kind == "link" {
		return f.advise("rm %s   # it leads to %s; systemd makes the directory", p.Path, p.Real).advise("then: %s", v.restart())
	}
	return f.advise("mv %s /root/   # systemd makes the directory in its place", p.Path).advise("then: %s", v.restart())
}
