package gunicorn

import (
	"net"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// flaskBind reads `flask run`: Flask's development server, on 127.0.0.1:5000 unless told otherwise.
func flaskBind(c command) ([]detect.Target, string) {
	host, port, where := "127.0.0.1", "5000", "default"
	if v, ok := c.get("FLASK_RUN_HOST"); ok {
		host, where = v, "FLASK_RUN_HOST"
	}
	if v, ok := c.get("FLASK_RUN_PORT"); ok {
		port, where = v, "FLASK_RUN_PORT"
	}
	for i, w := range c.args {
		switch option, value := valueOf(c.args, i, w); option {
		case "-h", "--host":
			host, where = value, "argv"
		case "-p", "--port":
			port, where = value, "argv"
		}
	}
	return []detect.Target{detect.TCP(net.JoinHostPort(host, port))}, where
}

// uvicornBind reads --uds, --host and --port; nil for --fd, which tells nothing.
func uvicornBind(c command) ([]detect.Target, string) {
	host, port, where := "127.0.0.1", "8000", "default"
	for i, w := range c.args {
		switch option, value := valueOf(c.args, i, w); option {
		case "--uds":
			return []detect.Target{detect.Unix(join(c.dir, value))}, "argv"
		case "--fd":
			return nil, "argv"
		case "--host":
			host, where = value, "argv"
		case "--port":
			port, where = value, "argv"
		}
	}
	return []detect.Target{detect.TCP(net.JoinHostPort(host, port))}, where
}

func valueOf(words []string, i int, w string) (option, value string) {
	option, value, joined := strings.Cut(w, "=")
	if !joined && i+1 < len(words) {
		value = words[i+1]
	}
	return option, value
}
