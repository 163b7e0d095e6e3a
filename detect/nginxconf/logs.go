package nginxconf

import (
	"path"
	"slices"
	"strings"
)

// Followable tells whether a log, as [detect.SiteConf] names it, is a file that can be followed: not off, syslog:,
// memory:, stderr, a device, or a name that nginx makes up for each request.
func Followable(log string) bool {
	return path.IsAbs(log) && !strings.Contains(log, "$") && !strings.HasPrefix(log, "/dev/")
}

// accessLog is the access log in effect, and its format's text ("" for combined).
func (c *Conf) accessLog(chain []*directive) (log, format string) {
	ds := (&route{chain: chain}).level("access_log")
	if len(ds) == 0 {
		return c.build.AccessLog, ""
	}
	best := ds[0]
	for _, d := range ds {
		if d.arg(0) == "off" {
			return "off", ""
		}
		if !Followable(c.build.logPath(best.arg(0))) && Followable(c.build.logPath(d.arg(0))) {
			best = d
		}
	}
	if name := best.arg(1); name != "" && !strings.Contains(name, "=") {
		format = c.formats[name]
	}
	return c.build.logPath(best.arg(0)), format
}

// errorLog is the error log in effect, and its level.
func (c *Conf) errorLog(chain []*directive) (log, level string) {
	ds := (&route{chain: append([]*directive{c.top}, chain...)}).level("error_log")
	if len(ds) == 0 {
		return c.build.ErrorLog, "error"
	}
	best := ds[0]
	for _, d := range ds {
		if !Followable(c.build.logPath(best.arg(0))) && Followable(c.build.logPath(d.arg(0))) {
			best = d
		}
	}
	if level = best.arg(1); level == "" {
		level = "error"
	}
	return c.build.logPath(best.arg(0)), level
}

// formatText joins a log_format's strings, without its name and its escape=.
func formatText(args []string) string {
	var b strings.Builder
	for i, a := range args {
		if i == 0 || i == 1 && strings.HasPrefix(a, "escape=") {
			continue
		}
		b.WriteString(a)
	}
	return b.String()
}

// Names lists every name of the server blocks that nginx picks for a name. nginx writes the first
// of them into its error log, whatever the client asked for.
func (c *Conf) Names(server string) []string {
	var names []string
	for _, s := range c.choose(server) {
		names = append(names, s.names...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// SharesAccessLog tells whether a server block that is not picked for the name writes to the log
// too: as Debian's nginx.conf has it, all of them do unless they say otherwise.
func (c *Conf) SharesAccessLog(server, log string) bool {
	ours := c.choose(server)
	for _, s := range c.servers {
		if slices.ContainsFunc(ours, func(o chosen) bool { return o.server == s }) {
			continue
		}
		if theirs, _ := c.accessLog([]*directive{s.http, s.d}); theirs == log {
			return true
		}
	}
	return false
}
