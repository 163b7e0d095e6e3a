package gunicorn

import (
	"net"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// addresses reads a bind setting; nil when any of it is not known.
func addresses(s setting, dir string) []detect.Target {
	if s.opaque {
		return nil
	}
	values := s.values
	if s.where != "argv" && len(values) == 1 { // a string of a configuration file may hold several
		values = strings.Split(values[0], ",")
	}
	var targets []detect.Target
	for _, v := range values {
		t, ok := address(strings.TrimSpace(v), dir)
		if !ok {
			return nil
		}
		targets = append(targets, t)
	}
	return targets
}

// address follows parse_address in gunicorn/util.py: unix:PATH and unix://PATH, relative to the
// directory; HOST:PORT, :PORT and HOST with port 8000, in lower case. A descriptor (fd://) tells nothing.
func address(s, dir string) (detect.Target, bool) {
	if name, ok := strings.CutPrefix(s, "unix:"); ok {
		name = strings.TrimPrefix(name, "//")
		return detect.Unix(join(dir, name)), name != ""
	}
	s = strings.TrimPrefix(s, "tcp://")
	if strings.Contains(s, "://") {
		return detect.Target{}, false
	}
	host, port := s, "8000"
	if i := strings.LastIndex(s, ":"); i >= 0 && !strings.HasSuffix(s, "]") {
		host, port = s[:i], s[i+1:]
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "" {
		host = "0.0.0.0"
	}
	n, err := strconv.Atoi(port)
	return detect.TCP(net.JoinHostPort(host, strconv.Itoa(n))), err == nil && n >= 0 && n < 65536
}
