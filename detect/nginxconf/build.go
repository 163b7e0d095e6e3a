package nginxconf

import (
	"path"
	"strings"
)

// Build is what was compiled into nginx, where the configuration says nothing.
type Build struct {
	Prefix    string // relative log paths are below it
	Conf      string // the main file
	ErrorLog  string
	AccessLog string
	User      string
}

// Debian is the build of Debian and Ubuntu.
var Debian = Build{Prefix: "/usr/share/nginx", Conf: "/etc/nginx/nginx.conf", ErrorLog: "/var/log/nginx/error.log",
	AccessLog: "/var/log/nginx/access.log", User: "nobody"}

// ParseBuild reads the output of `nginx -V`. What it does not say stays as in Debian's build.
func ParseBuild(version []byte) Build {
	b := Debian
	for _, word := range strings.Fields(string(version)) {
		key, value, _ := strings.Cut(word, "=")
		if value == "" {
			continue
		}
		switch key {
		case "--prefix":
			b.Prefix = value
		case "--conf-path":
			b.Conf = value
		case "--error-log-path":
			b.ErrorLog = value
		case "--http-log-path":
			b.AccessLog = value
		case "--user":
			b.User = value
		}
	}
	return b
}

// Built is the same configuration under the defaults of that build; c itself may be shared, and stays.
func (c *Conf) Built(b Build) *Conf {
	with := *c
	with.build = b
	return &with
}

// logPath completes a relative log path; words such as off and syslog: stay.
func (b Build) logPath(log string) string {
	if log == "" || path.IsAbs(log) || log == "off" || log == "stderr" || strings.Contains(log, ":") || strings.HasPrefix(log, "$") {
		return log
	}
	return path.Join(b.Prefix, log)
}
