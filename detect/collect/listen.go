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

func (s *snapshot) host(ctx context.Context, _ detect.Facts) (change, error) {
	if s.Look == nil {
		return nil, errNotAsked
	}
	h, err := s.Look.Host(ctx, s.site.Name, s.route.Path)
	return func(f *detect.Facts) { f.Host = h }, err
}
