package detect

import (
	"fmt"
	"net"
	"slices"
	"strings"
)

// Site is one nginx server block as the configuration names it.
type Site struct {
	Name   string    `json:"name"`   // the key in the configuration, e.g. "shop"
	Server string    `json:"server"` // nginx server_name, used as Host
	Routes []Route   `json:"routes"`
	Probe  ProbeSpec `json:"probe"`
}

// Route is a proxied location of a site, its upstream target and the unit that serves it.
type Route struct {
	Path   string   `json:"path"`             // location prefix; a path under it is probed
	Target Target   `json:"target"`           // where nginx is meant to connect to
	Unit   string   `json:"unit,omitempty"`   // X.service; empty where none was found
	Socket string   `json:"socket,omitempty"` // X.socket where the unit is socket-activated
	Manage Manage   `json:"manage"`
	Reason string   `json:"reason,omitempty"` // why Manage is observe, from init
	Also   []string `json:"also,omitempty"`   // units that may be taken along, by name
}

// Manage says how much of a route is ours.
type Manage string

// The three degrees, from most to least.
const (
	ManageAct     Manage = "act"     // act by policy
	ManageAsk     Manage = "ask"     // every action waits for a person's approval
	ManageObserve Manage = "observe" // diagnose and tell, never act
)

// ProbeSpec says how a site is asked.
type ProbeSpec struct {
	Path    string `json:"path"`
	Method  string `json:"method,omitempty"` // GET (default) or HEAD
	Every   Span   `json:"every"`            // upstream; the public endpoint is asked every tenth time
	Timeout Span   `json:"timeout"`
	Public  string `json:"public"` // auto | off | an external URL (an outside view, never a cause for action)
}

// Outside is the URL of an outside view; "" where none is configured.
func (p ProbeSpec) Outside() string {
	if p.Public == "auto" || p.Public == "off" {
		return ""
	}
	return p.Public
}

// Target is an address to connect to: a unix socket path or host:port.
type Target struct {
	Network string `json:"network"` // "unix" or "tcp"; "" when unknown (a variable in proxy_pass)
	Address string `json:"address"`
}

// Asks tells the path of a question of ours to the site. A line of nginx's is ours by its marker and its
// path together: the marker reaches the app with every question, and whoever knows it could else have
// any line of another location taken for an answer to us.
func (s Site) Asks(path string) bool {
	asked, _, _ := strings.Cut(s.Probe.Path, "?")
	if path == asked || path == "/" && asked == "" {
		return true
	}
	return slices.ContainsFunc(s.Routes, func(r Route) bool { return r.Path == path })
}

// Unix and TCP make targets.
func Unix(path string) Target    { return Target{"unix", path} }
func TCP(hostport string) Target { return Target{"tcp", hostport} }

// String writes the target as nginx and gunicorn do: unix:/run/x.sock or host:port.
func (t Target) String() string {
	if t.Network == "unix" {
		return "unix:" + t.Address
	}
	return t.Address
}

// IsUnix tells whether the target is a unix socket.
func (t Target) IsUnix() bool { return t.Network == "unix" }

// Known tells whether there is an address at all.
func (t Target) Known() bool { return t.Network != "" && t.Address != "" }

// Reaches tells whether a connect to t arrives at a server bound to bind: the same socket, or
// the same port of an address that covers it. localhost counts as both loopback addresses.
func (t Target) Reaches(bind Target) bool {
	if !t.Known() || t == bind {
		return t.Known()
	}
	if t.IsUnix() || bind.IsUnix() {
		return false
	}
	host, port, err := net.SplitHostPort(t.Address)
	bound, boundPort, boundErr := net.SplitHostPort(bind.Address)
	if err != nil || boundErr != nil || port != boundPort {
		return false
	}
	return host == bound || anyAddress(bound) || (loopback(host) || anyAddress(host)) && loopback(bound) && sameFamily(host, bound)
}

// sameFamily tells whether two loopback addresses can be one: 127.0.0.1 never is ::1, localhost is either.
func sameFamily(a, b string) bool {
	v6 := func(host string) bool { return strings.Contains(host, ":") }
	return a == "localhost" || b == "localhost" || v6(a) == v6(b)
}

// Local tells whether a connect to t cannot leave this host.
func (t Target) Local() bool {
	host, _, err := net.SplitHostPort(t.Address)
	return t.IsUnix() || err == nil && (loopback(host) || anyAddress(host))
}

func anyAddress(host string) bool {
	return host == "" || host == "0.0.0.0" || host == "::" || host == "*"
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// ParseTarget reads "unix:/path", "unix:/path:" (nginx), "unix://path" (gunicorn) or "host:port".
// "localhost:8000" stays as written: nginx tries ::1 and 127.0.0.1, gunicorn binds AF_INET only.
func ParseTarget(s string) (Target, error) {
	if rest, ok := strings.CutPrefix(s, "unix:"); ok {
		path := strings.TrimSuffix(rest, ":")
		if strings.HasPrefix(path, "//") {
			path = path[1:]
		}
		if !strings.HasPrefix(path, "/") {
			return Target{}, fmt.Errorf("cannot read target %q: a unix socket needs an absolute path, such as unix:/run/app/app.sock", s)
		}
		return Unix(path), nil
	}
	if _, port, err := net.SplitHostPort(s); err != nil || port == "" {
		return Target{}, fmt.Errorf("cannot read target %q: write unix:/run/app/app.sock or 127.0.0.1:8000", s)
	}
	return TCP(s), nil
}
