package collect

import (
	"context"
	"errors"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
	"github.com/gatemend/gatemend/detect/proc"
)

// nginx reads the front: its unit, its processes, and its configuration on disk and in memory.
func (s *snapshot) nginx(ctx context.Context, _ detect.Facts) (change, error) {
	n := &detect.Nginx{}
	all, err := s.all()
	n.Master, n.Workers = proc.Nginx(all, s.Config.Nginx)
	u, unitErr := s.readUnit(ctx, s.Config.Nginx)
	n.Unit = u
	if w := proc.Worker(n.Workers); w != nil {
		n.LoadedAt = w.Start
		if rights, err := proc.Rights(w.PID); err == nil {
			n.UID, n.Groups = rights.UID, append([]int{rights.GID}, rights.Groups...)
		}
	}
	seen, confErr := s.book.read(ctx, n.LoadedAt)
	if seen.disk != nil {
		disk := seen.disk.Site(s.site.Server, s.route.Path)
		n.Disk, n.User, n.ChangedAt, n.ChangedIn = &disk, seen.disk.User(), seen.changed, seen.where
		n.Test = seen.disk.Refused // by `nginx -T`, which reads what changed also while nginx is down
	}
	if seen.disk != nil && seen.loaded != nil {
		loaded := seen.loaded.Site(s.site.Server, s.route.Path)
		n.Loaded = &loaded
		n.Diff, n.Elsewhere = nginxconf.Diff(seen.loaded, seen.disk, s.site.Server)
	}
	return func(f *detect.Facts) { f.Nginx = n }, errors.Join(err, unitErr, confErr)
}

// nginxTest runs `nginx -t`: only on a deep look, and not while nginx is down, as it creates missing
// files then.
func (s *snapshot) nginxTest(ctx context.Context, known detect.Facts) (change, error) {
	if !s.Deep || known.Nginx == nil || known.Nginx.Master == nil {
		return nil, nil
	}
	if s.Look == nil {
		return nil, errNotAsked
	}
	t, err := s.Look.NginxTest(ctx)
	if err != nil {
		return nil, err
	}
	return front(func(n *detect.Nginx) { n.Test = &t }), nil
}

// foreign finds who holds the ports that nginx wants, while nginx is down.
func (s *snapshot) foreign(ctx context.Context, known detect.Facts) (change, error) {
	n := known.Nginx
	if n == nil || n.Master != nil || n.Disk == nil || s.Look == nil {
		return nil, nil
	}
	found, err := s.Look.Foreign(ctx)
	if err != nil {
		return nil, err
	}
	var foreign []detect.Listener
	for _, l := range found {
		if len(l.Owners) > 0 {
			foreign = append(foreign, l)
		}
	}
	return front(func(n *detect.Nginx) { n.Foreign = foreign }), nil
}

// front is a change to what is known of nginx.
func front(set func(*detect.Nginx)) change {
	return func(f *detect.Facts) {
		if f.Nginx != nil {
			n := *f.Nginx
			set(&n)
			f.Nginx = &n
		}
	}
}
