package evidence

import (
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect/nginxlog"
)

var (
	// errorHead is what begins a line of an error log, behind whatever a pager or compose put in front.
	errorHead = regexp.MustCompile(`(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )?\[(?:emerg|alert|crit|error|warn|notice|info)\] (?:\d+#\d+: )?`)
	kernelIs  = regexp.MustCompile(`oom-kill:|ut of memory: Kill|avc: +denied|apparmor="DENIED"|segfault at|invoked oom-killer|general protection fault|SYN flooding on port|nf_conntrack: |\[UFW BLOCK\]`)
	confIs    = regexp.MustCompile(`^\s*(?:proxy_pass|uwsgi_pass|fastcgi_pass|upstream|server|location)\b.*[;{]\s*$`)
	unitIs    = regexp.MustCompile(`^\s*(?:ExecStart|User|Group|WorkingDirectory|Environment|EnvironmentFile|RuntimeDirectory|Type|Restart|PrivateTmp)=|^\[(?:Unit|Service|Install|Socket)\]$`)
	statusIs  = regexp.MustCompile(`^\s*(?:Loaded|Active|Main PID|Process|Status|Tasks|Memory|CGroup): |^[●○×↻] `)
)

// place puts a pasted line where it belongs.
func (d *document) place(line string) {
	switch {
	case isAccess(line):
		d.NginxAccess = append(d.NginxAccess, line)
	case isError(line):
		d.NginxError = append(d.NginxError, line)
	case kernelIs.MatchString(line):
		d.Kernel = append(d.Kernel, line)
	case statusIs.MatchString(line):
		d.SystemctlStatus = append(d.SystemctlStatus, line)
	case confIs.MatchString(line):
		d.NginxConf = append(d.NginxConf, line)
	case unitIs.MatchString(line):
		d.UnitFile = append(d.UnitFile, line)
	default:
		d.GunicornJournal = append(d.GunicornJournal, line)
	}
}

// nginxHead is the front of a line of nginx's error log at error or above, or of what it says before that is open.
var nginxHead = regexp.MustCompile(`^(?:[\w. -]{1,60}\| )?(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[(?:emerg|alert|crit|error)\] \d+#\d+: |nginx: \[(?:emerg|alert|crit|error)\] )`)

// sort moves nginx's lines out of the journal: its unit's, or a container's, stand beside the app's where both
// were asked for.
func (d *document) sort() {
	var app []string
	for _, line := range d.GunicornJournal {
		if nginxHead.MatchString(line) {
			d.NginxError = append(d.NginxError, line)
			continue
		}
		app = append(app, line)
	}
	d.GunicornJournal = app
}

func isAccess(line string) bool {
	_, ok := nginxlog.ParseAccess([]byte(line))
	return ok
}

// isError tells an nginx error line; gunicorn's "[ERROR]" is in capitals.
func isError(line string) bool {
	if errorHead.MatchString(line) || strings.HasPrefix(line, "nginx: ") {
		return true
	}
	return nginxlog.Interesting([]byte(line))
}

// bare takes off what stands in front of nginx's own line: syslog, compose, a pager.
func bare(line string) string {
	if i := strings.Index(line, "nginx: ["); i > 0 {
		return line[i:]
	}
	if m := errorHead.FindStringIndex(line); m != nil && m[0] > 0 && m[0] < 200 {
		return line[m[0]:]
	}
	return line
}
