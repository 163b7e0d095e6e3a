package nginxconf

import (
	"net"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// listen is one listen directive.
type listen struct {
	key      string // canonical address: "*:80", "[::]:80", "127.0.0.1:80", "unix:/x"
	raw      string
	ssl, pp  bool
	fallback bool // default_server
	quic     bool
	where    string
}

func newListen(d *directive) listen {
	l := listen{key: address(d.arg(0)), raw: strings.Join(d.args, " "), where: d.where()}
	for _, flag := range d.args[min(1, len(d.args)):] {
		switch flag {
		case "ssl":
			l.ssl = true
		case "proxy_protocol":
			l.pp = true
		case "default_server", "default":
			l.fallback = true
		case "quic", "http3":
			l.quic = true
		}
	}
	return l
}

// address makes one form of "80", "*:80", "0.0.0.0:80", "[::]" and so on.
func address(s string) string {
	if strings.HasPrefix(s, "unix:") {
		return s
	}
	host, port := s, "80"
	switch {
	case s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }):
		host, port = "*", s
	case strings.HasSuffix(s, "]"):
	case strings.Contains(s, ":"):
		i := strings.LastIndexByte(s, ':')
		host, port = s[:i], s[i+1:]
	}
	if host == "" || host == "0.0.0.0" {
		host = "*"
	}
	return strings.ToLower(host) + ":" + port
}

// dial is where to connect so that the local nginx takes the connection as one to this address.
// keys are all addresses: with `listen 127.0.0.1:80` beside `listen 80`, a connect to 127.0.0.1 belongs to the former.
func dial(key string, keys []string) detect.Target {
	if path, ok := strings.CutPrefix(key, "unix:"); ok {
		return detect.Unix(path)
	}
	port := key[strings.LastIndexByte(key, ':')+1:]
	switch strings.TrimSuffix(key, ":"+port) {
	case "*":
		for _, host := range []string{"127.0.0.1", "127.0.0.2", "127.0.0.3"} {
			if own := net.JoinHostPort(host, port); !slices.Contains(keys, own) {
				return detect.TCP(own)
			}
		}
	case "[::]":
		return detect.TCP("[::1]:" + port)
	}
	return detect.TCP(key)
}
