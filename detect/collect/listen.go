package collect

import (
	"context"

	"github.com/gatemend/gatemend/detect"
)

func (s *snapshot) path(ctx context.Context, _ detect.Facts) (change, error) {
	if !s.route.Target.IsUnix() {
		return nil, nil
	}
	if s.Look == nil {
		return nil, errNotAsked
	}
	p, err := s.Look.Path(ctx, s.site.Name, s.route.Path)
	return func(f *detect.Facts) { f.Path = p }, err
}

func (s *snapshot) listeners(ctx context.Context, _ detect.Facts) (change, error) {
	if s.Look == nil {
		return nil, errNotAsked
	}
	found, err := s.Look.Listeners(ctx, s.site.Name, s.route.Path)
	return func(f *detect.Facts) { f.Listeners = found }, err
}

func (s *snapshot) host(ctx context.Context, known detect.Facts) (change, error) {
	if s.Host == nil {
		return nil, errNotAsked
	}
	h, err := s.Host(ctx, s.subject(known))
	return func(f *detect.Facts) { f.Host = h }, err
}

func (s *snapshot) subject(known detect.Facts) Subject {
	of := Subject{Paths: []string{"/", "/run", "/tmp"}}
	if s.route.Target.IsUnix() {
		of.Paths = append(of.Paths, s.route.Target.Address)
	}
	if u := known.Unit; u != nil {
		of.Group = u.ControlGroup
		of.Paths = append(append(of.Paths, workDir(u)), u.LogFiles...)
	}
	if n := known.Nginx; n != nil {
		if n.Disk != nil {
			of.Paths = append(of.Paths, n.Disk.ErrorLog, n.Disk.AccessLog)
		}
		if len(n.Workers) > 0 {
			of.Worker = n.Workers[0].PID
		}
	}
	return of
}
