package diagnose

import (
	"cmp"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Below these a file system counts as full: nginx and gunicorn fail at the first write.
const (
	fullBytes  = 1 << 20
	fullInodes = 16
)

// diskFull: a file system that matters has no room or no inodes, or is read-only.
func diskFull(v *view) (*finding, string) {
	f := found(detect.DiskFull, 0)
	if h := v.f.Host; h != nil {
		for _, d := range h.Disks {
			if full := fullText(d); full != "" {
				f.because("host.disk", "%s %s", d.Path, full).about("path", d.Path).watch("disk:" + d.Path)
				f.Confidence = 70
			}
		}
	}
	if l, ok := v.last(detect.EventNginxNoSpace); ok {
		f.Confidence = max(f.Confidence+20, 88)
		f.line(l).about("path", l.Attr["name"])
	}
	for _, r := range v.raised() {
		if r.cause == detect.DiskFull {
			f.Confidence = max(f.Confidence+20, 88)
			f.line(r.Line).about("path", r.Attr["path"])
		}
	}
	if l, ok := v.trusted(detect.EventKernelNoSpace); ok {
		f.Confidence = max(f.Confidence, 75)
		f.line(l)
	}
	if d := v.given("df", "disk"); strings.Contains(d, "100%") {
		f.Confidence = max(f.Confidence, 75)
		f.because("given", "df: %s", d)
	}
	if l, ok := v.last(detect.EventNginxTemp); ok && f.Confidence == 0 {
		f.Confidence = 55 // it is not the space, and explains nothing else
		return f.line(l).about("path", l.Attr["name"]).
			lasts("there may be room, but nginx's worker may not write its temporary files: namei -l %s", l.Attr["name"]).
			lasts("chown the directory of client_body_temp_path or proxy_temp_path to the user of nginx.conf; a changed user= leaves the old one's behind"), ""
	}
	if t := v.f.Traffic; t != nil && t.Unlogged > 0 && t.Answered == 0 && f.Confidence == 0 {
		return f.silentLog(t.Unlogged), ""
	}
	if f.Confidence == 0 {
		return nil, "there is room"
	}
	f.Confidence = min(f.Confidence, 95)
	where := f.Subject["path"]
	switch {
	case v.madeReadOnly():
		return v.readOnlyAdvice(f, path.Dir(cmp.Or(where, "/"))), ""
	case v.overQuota():
		return f.lasts("quota -s -u %s; repquota -as   # not the disk is full, but what this user may take of it: edquota raises it", v.user()).
			lasts("du -xh %s | sort -h | tail -20   # what takes it", path.Dir(cmp.Or(where, "/"))), ""
	case where == "":
		return f.lasts("df -h; df -i   # which file system has no space, or no inodes, left").
			lasts("for good: logrotate for what grows there, or a larger one"), ""
	case !v.isDisk(where):
		where = path.Dir(where)
	}
	return f.lasts("df -h %s; df -i %[1]s   # space, and inodes", where).
		lasts("journalctl --vacuum-size=200M; du -xh $(df --output=target %s | tail -1) | sort -h | tail -20   # what takes it", where).
		lasts("for good: logrotate for what grows, SystemMaxUse= in /etc/systemd/journald.conf, or a larger disk"), ""
}

// overQuota tells that a write was refused by a quota (EDQUOT).
func (v *view) overQuota() bool {
	return slices.ContainsFunc(v.raised(), func(r raisedLine) bool { return r.Errno == edquot })
}

// madeReadOnly tells that a write was refused by a file system that is read-only (EROFS), where no disk that was
// looked at is: for the unit alone it is so.
func (v *view) madeReadOnly() bool {
	if h := v.f.Host; h != nil && slices.ContainsFunc(h.Disks, func(d detect.Disk) bool { return fullText(d) != "" }) {
		return false
	}
	return slices.ContainsFunc(v.raised(), func(r raisedLine) bool { return r.Errno == erofs }) &&
		!slices.ContainsFunc(v.raised(), func(r raisedLine) bool { return r.cause == detect.DiskFull && r.Errno != erofs })
}

// readOnlyAdvice is for both that refuse so: the unit's own protection, and a disk after an error.
func (v *view) readOnlyAdvice(f *finding, dir string) *finding {
	if u := v.unit; u != nil {
		f.watch(u.Fragment)
	}
	return f.advise("findmnt -no OPTIONS -T %s   # rw: it is read-only for the unit alone (ProtectSystem=, ProtectHome=); ro: for all, mostly after an error of the disk (dmesg)", dir).
		advise("%s   # where the unit alone may not write there", v.edit("Service", "ReadWritePaths="+dir)).
		advise("then: %s", v.restart())
}

// isDisk tells a file system that was looked at, not a file that could not be written.
func (v *view) isDisk(name string) bool {
	h := v.f.Host
	return h != nil && slices.ContainsFunc(h.Disks, func(d detect.Disk) bool { return d.Path == name })
}

// silentLog: nginx writes a line for each 502 and 504 that it makes; on a full file system it skips it
// without a word (ngx_log.c).
func (f *finding) silentLog(n int) *finding {
	f.Confidence = 45
	return f.because("traffic.unlogged", "nginx made %d answers of 502 or 504, and its error log says nothing of them", n).
		lasts("df -h /var/log; df -i /var/log   # on a full file system nginx skips its error lines").
		lasts("where there is room: nginx -T | grep error_log   # to another file, to stderr, or at a level above error")
}

func fullText(d detect.Disk) string {
	switch {
	case d.ReadOnly:
		return "is mounted read-only"
	case d.FreeBytes < fullBytes:
		return "is full: " + itoa(int(d.FreeBytes>>10)) + " KiB free"
	case d.FreeInodes >= 0 && d.FreeInodes < fullInodes:
		return "has no inodes left"
	}
	return ""
}

// fdExhausted: no file descriptors, or no connections, are left.
func fdExhausted(v *view) (*finding, string) {
	f := found(detect.FDExhausted, 0)
	if l, ok := v.last(detect.EventNginxFiles, detect.EventConnectionsFull); ok {
		f.Confidence = 90
		if v.loop() != nil {
			f.Confidence = 50 // of a request that goes round in nginx, more descriptors only make it last longer
		}
		f.line(l)
		f.lasts("in /etc/nginx/nginx.conf, at the top: worker_rlimit_nofile 65536;")
		f.lasts("in /etc/nginx/nginx.conf, events: worker_connections 8192;")
		f.lasts("%s", v.nginxLoads())
	}
	for _, r := range v.raised() {
		if r.cause == detect.FDExhausted {
			f.Confidence = 90
			f.line(r.Line)
			f.advise("%s   # frees them for now; %s", v.restart(), leakAt(r.Line))
			f.lasts("for good, where many are needed: %s%s", v.edit("Service", "LimitNOFILE=65536"), v.limitNow())
		}
	}
	if l, ok := v.last(detect.EventNoBuffers); ok && f.Confidence == 0 {
		f.Confidence = 35
		f.line(l)
		f.lasts("ENOBUFS: the kernel has no buffers left for sockets: in a container look at its limits (/proc/user_beancounters), else at net.ipv4.tcp_mem and free -m")
	}
	if h := v.f.Host; h != nil && h.Nofile > 0 && h.NofileUse*100 >= 95*h.Nofile {
		f.Confidence = max(f.Confidence, 70)
		f.because("host.nofile", "nginx's worker holds %d of %d descriptors", h.NofileUse, h.Nofile)
	}
	if f.Confidence == 0 {
		return nil, "descriptors are left"
	}
	return f, ""
}

// leakAt is what to look for.
func leakAt(l detect.Line) string {
	if at := place(l); at != "" {
		return "what opens files and never closes them is near " + at
	}
	return "look for what opens files and never closes them"
}

// limitNow is the unit's limit, as a comment; a leak only takes longer with a higher one.
func (v *view) limitNow() string {
	if u := v.unit; u != nil && u.NofileLimit > 0 && u.NofileLimit < 1<<20 {
		return "   # it has " + itoa(int(u.NofileLimit)) + "; a leak only takes longer"
	}
	return "   # a leak only takes longer"
}

func host(target string) string {
	h, _, err := net.SplitHostPort(target)
	if err != nil {
		return cmp.Or(target, "ADDRESS")
	}
	return h
}

func port(target string) string {
	_, p, _ := net.SplitHostPort(target)
	return cmp.Or(p, "PORT")
}

// noLocalAddress is EADDRNOTAVAIL. Keeping connections spares ports only with HTTP/1.1 and no "Connection:
// close", nginx's defaults before 1.29.7, and with a worker that keeps them: gunicorn's sync does not.
func (v *view) noLocalAddress(f *finding, c contact) *finding {
	if said, _, _ := strings.Cut(c.text, ", client: "); strings.Contains(said, " bind(") {
		return f.advise("ip -br addr   # proxy_bind names an address that this host does not have: bring it up, or take proxy_bind out")
	}
	return f.lasts("ss -s; sysctl net.ipv4.ip_local_port_range   # the local ports are used up").
		lasts("for good: a unix socket needs none: --bind unix:/run/… and the same in proxy_pass%s", at(v.proxyWhere())).
		lasts("or keepalive 16; in upstream{}, with proxy_http_version 1.1; proxy_set_header Connection \"\"; and gunicorn --threads: a sync worker keeps no connection")
}

// netUnreachable: no way to the upstream's address.
func netUnreachable(v *view) (*finding, string) {
	for _, errno := range []int{113, 101, 112} {
		if c, ok := v.failed(errno); ok {
			return found(detect.NetUnreachable, 88).contact(c).about("target", c.target).
				advise("ip route get %s; ip rule; nft list ruleset   # no route, or a firewall that rejects", host(c.target)).
				advise("for a server on this machine a unix socket needs no route: --bind unix:/run/… and the same in proxy_pass%s", at(v.proxyWhere())), ""
		}
	}
	if c, ok := v.failed(110); ok {
		return found(detect.NetUnreachable, 80).contact(c).about("target", c.target).
			advise("nothing answers at %s: the host is down, or a firewall drops: ping %s; nft list ruleset", c.target, host(c.target)), ""
	}
	if c, ok := v.failed(99); ok {
		return v.noLocalAddress(found(detect.NetUnreachable, 70).contact(c), c), ""
	}
	if c, ok := v.failed(econnrefused); ok && !c.unix() && v.up() && v.listensHere() {
		return v.aboutUnit(found(detect.NetUnreachable, 85)).contact(c).because("listeners", "the unit listens there, and yet it is refused").
			advise("a firewall rejects it: nft list ruleset; iptables -S   # look for port %s", port(c.target)), ""
	}
	if c, ok := v.failed(econnrefused); ok && v.saysItListens(c) {
		return v.aboutUnit(found(detect.NetUnreachable, 70)).contact(c).because("unit.listens", "gunicorn listens there since before, and has not ended").
			advise("a firewall that rejects looks like nobody there: nft list ruleset; iptables -S; ss -ltnp"), ""
	}
	for _, l := range v.events[detect.EventUpstreamTimeout] {
		if l.Attr["while"] == "connecting to upstream" && l.Attr["upstream"] != "" {
			return found(detect.NetUnreachable, 75).line(l).about("target", l.Attr["upstream"]).
				advise("nothing answers at %s: the host is down, or a firewall drops", l.Attr["upstream"]), ""
		}
	}
	return nil, "the upstream's address can be reached"
}
