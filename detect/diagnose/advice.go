package diagnose

import (
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Advice is read by a stranger at night: what to run or to write, with this machine's own names. What is to be
// written has three forms, which a test applies as they are printed:
//
//	systemctl edit UNIT   # [SECTION] DIRECTIVE DIRECTIVE
//	in ExecStart= of FILE: OPTION
//	in FILE:LINE, location /: DIRECTIVE; DIRECTIVE;   below that line
//	in FILE:LINE: DIRECTIVE;                          in place of that line

// edit is what a drop-in of the unit says.
func (v *view) edit(section, directives string) string {
	return editOf(v.unitOr(), section, directives)
}

func editOf(unit, section, directives string) string {
	return fmt.Sprintf("systemctl edit %s   # [%s] %s", unit, section, directives)
}

// option is what gunicorn's command line says.
func (v *view) option(option string) string {
	return fmt.Sprintf("in ExecStart= of %s: %s", v.unitFile(), option)
}

// rebind is the way to another address: the unit's side, nginx's, and what makes both count.
func (v *view) rebind(f *finding, address string) *finding {
	return f.advise("%s   # and the same in proxy_pass%s", v.bindTo(address), at(v.proxyWhere())).
		advise("%s", v.reloaded()).advise("%s", v.nginxLoads())
}

// ownSocket is where a unit's socket belongs, below its own RuntimeDirectory=.
func (v *view) ownSocket() (directory, address string) {
	name := strings.TrimSuffix(v.unitOr(), ".service")
	return "RuntimeDirectory=" + name, fmt.Sprintf("unix:/run/%[1]s/%[1]s.sock", name)
}

// restart is what starts the unit anew. systemctl restart is counted like systemd's own restarts: where it
// would be refused as one too many, the count is taken back first. Of a unit that systemd no longer holds loaded,
// reset-failed itself fails, and the count is forgotten.
func (v *view) restart() string {
	if v.limited() {
		return fmt.Sprintf("systemctl reset-failed %[1]s; systemctl restart %[1]s", v.unitOr())
	}
	return "systemctl restart " + v.unitOr()
}

// limited tells a unit that is down after restarts of its own, which its start limit still counts when a person
// has mended something: nobody is done in under a minute.
func (v *view) limited() bool {
	u := v.unit
	return u != nil && u.StartLimit > 0 && u.StartLimitSpan >= 60*second && u.RestartsItself() && !v.up()
}

// reloaded is what makes a unit's new command line count.
func (v *view) reloaded() string { return "then: systemctl daemon-reload && " + v.restart() }

// nginxLoads is what makes nginx's new configuration count.
func (v *view) nginxLoads() string {
	if n := v.f.Nginx; n != nil && !v.f.Offline && n.Master == nil {
		return "then: nginx -t && systemctl start nginx"
	}
	return "then: nginx -t && systemctl reload nginx"
}

// unitFile is the file of the unit that was changed last; else its only one, or its name where drop-ins may
// say otherwise.
func (v *view) unitFile() string {
	for _, c := range v.f.Changes {
		if (c.What == "unit" || c.What == "drop-in") && strings.HasPrefix(c.Name, "/") && c.At != 0 {
			return c.Name
		}
	}
	if u := v.unit; u != nil && u.Fragment != "" && len(u.DropIns) == 0 {
		return u.Fragment
	}
	return v.unitOr()
}

// inLocation is what the location that serves the route says.
func (v *view) inLocation(directives string) string {
	if n := v.f.Nginx; n != nil {
		for _, conf := range []*detect.SiteConf{n.Disk, n.Loaded} {
			if conf == nil || conf.Location == "" {
				continue
			}
			where, title, _ := strings.Cut(conf.Location, ": ")
			return fmt.Sprintf("in %s, %s: %s", where, title, directives)
		}
	}
	return "in nginx's location of the site: " + directives
}

// proxyWhere is file:line of the proxy_pass, "" where it is not known.
func (v *view) proxyWhere() string {
	p, _ := v.pass()
	return p.Where
}

// comesBack is the lasting side of whatever ends a service: systemd itself starts it again.
func (v *view) comesBack(f *finding, restart string) *finding {
	u := v.unit
	if u == nil || u.Restart != "no" || u.Load == "masked" {
		return f
	}
	return f.lasts("for good: %s", v.edit("Service", "Restart="+restart+" RestartSec=2"))
}
