package look

import (
	"context"
	"fmt"
	"net"
	"strconv"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/hostinfo"
	"github.com/gatemend/gatemend/detect/nginxconf"
	"github.com/gatemend/gatemend/detect/proc"
	"github.com/gatemend/gatemend/detect/sock"
)

// Host implements [Looker].
func (l *Local) Host(ctx context.Context, site, route string) (*detect.Host, error) {
	r, err := l.route(site, route)
	if err != nil {
		return nil, err
	}
	q := hostinfo.Query{Paths: []string{"/", "/run", "/tmp"}}
	if r.Target.IsUnix() {
		q.Paths = append(q.Paths, r.Target.Address)
	}
	if u, err := l.unitOf(ctx, site, route); err == nil && u != nil {
		q.ControlGroup = u.ControlGroup
		q.Paths = append(append(q.Paths, u.Directory()), u.LogFiles...)
	}
	if conf := l.remembered(ctx); conf != nil {
		c := conf.Site(l.server(site), r.Path)
		q.Paths = append(q.Paths, c.ErrorLog, c.AccessLog)
	}
	if _, workers, err := proc.FindNginx(l.opts.Nginx); err == nil && len(workers) > 0 {
		q.NginxWorker = workers[0].PID
	}
	h, lacks := hostinfo.Read(ctx, q)
	if len(lacks) > 0 {
		return &h, fmt.Errorf("%s: %s", lacks[0].Fact, lacks[0].Why)
	}
	return &h, nil
}

// Foreign implements [Looker]: certbot's standalone server takes port 80 while nginx is stopped.
func (l *Local) Foreign(ctx context.Context) ([]detect.Listener, error) {
	conf := l.remembered(ctx)
	if conf == nil {
		return nil, fmt.Errorf("cannot tell who holds nginx's ports: its configuration cannot be read")
	}
	found, err := sock.OnPorts(l.ports(conf)...)
	if err != nil {
		return nil, err
	}
	var foreign []detect.Listener
	for _, f := range found {
		if !l.nginxs(f) {
			foreign = append(foreign, f)
		}
	}
	return foreign, nil
}

func (l *Local) ports(conf *nginxconf.Conf) (ports []int) {
	for _, s := range l.sites() {
		for _, r := range s.Routes {
			for _, e := range conf.Site(s.Server, r.Path).Endpoints {
				_, port, _ := net.SplitHostPort(e.Target.Address)
				if n, err := strconv.Atoi(port); err == nil {
					ports = append(ports, n)
				}
			}
		}
	}
	return ports
}

// nginxs tells whether a listener is nginx's own: workers of a killed master go on listening. Its name is a
// process's own word, so outside the unit it has to be root's.
func (l *Local) nginxs(f detect.Listener) bool {
	for _, p := range f.Owners {
		if p.Unit == l.opts.Nginx || p.Comm == "nginx" && p.UID == 0 {
			return true
		}
	}
	return false
}

func (l *Local) server(site string) string {
	for _, s := range l.sites() {
		if s.Name == site {
			return s.Server
		}
	}
	return ""
}
