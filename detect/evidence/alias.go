package evidence

import (
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// aliases are other names that people give to the facts of [Names].
var aliases = map[string]string{
	"chmod_socket": "socket_mode", "chmod-socket": "socket_mode", "mode": "socket_mode",
	"listens": "gunicorn_bind", "listens_on": "gunicorn_bind", "listening": "gunicorn_bind", "bind": "gunicorn_bind",
	"proxy_target": "proxy_pass", "upstream": "proxy_pass", "virtual_port": "proxy_pass",
	"running": "process_running", "alive": "process_running", "by_hand": "manual_run", "manually": "manual_run",
}

// processOf is a fact about one process: "pid_108_running".
var processOf = regexp.MustCompile(`^pid_\d+_(?:running|alive)$`)

// alias adds the names that rules know; what was given under them already stays.
func alias(given map[string]string) {
	for key, value := range given {
		name := aliases[strings.ToLower(key)]
		if processOf.MatchString(key) {
			name = "process_running"
		}
		if _, taken := given[name]; name != "" && !taken {
			given[name] = value
		}
	}
}

// commandLine is gunicorn's arguments, where a fact holds its command line, in a shell's words or not.
func commandLine(given map[string]string) string {
	for _, key := range []string{"gunicorn_args", "args"} {
		if s := given[key]; s != "" {
			return strings.TrimPrefix(s, "gunicorn ")
		}
	}
	for _, key := range []string{"command", "start", "exec_start", "cmd"} {
		if _, args, ok := strings.Cut(given[key], "gunicorn "); ok {
			return strings.TrimRight(args, `"' `)
		}
	}
	return ""
}

// proxied fills in where nginx goes, where a fact tells it: an address, or the port alone.
func (d *document) proxied(f *detect.Facts) {
	to := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(f.Given["proxy_pass"], "http://"), "https://"), ";")
	if to == "" || len(d.NginxConf) > 0 {
		return
	}
	if strings.Trim(to, "0123456789") == "" {
		to = "127.0.0.1:" + to
	}
	if !strings.HasPrefix(to, "unix:") {
		to, _, _ = strings.Cut(to, "/")
	}
	if t, ok := address(to); ok {
		f.Nginx = &detect.Nginx{Disk: &detect.SiteConf{Upstreams: []detect.ProxyTo{{Target: t, Schema: "http", Where: "facts"}}}}
	}
}
