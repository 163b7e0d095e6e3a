package collect

import (
	"context"

	"github.com/gatemend/gatemend/detect"
)

func (s *snapshot) unit(ctx context.Context, _ detect.Facts) (change, error) {
	u, err := s.readUnit(ctx, s.route.Unit)
	return func(f *detect.Facts) { f.Unit = u }, err
}

func (s *snapshot) socket(ctx context.Context, _ detect.Facts) (change, error) {
	u, err := s.readUnit(ctx, s.route.Socket)
	return func(f *detect.Facts) { f.Socket = u }, err
}

// readUnit reads a unit that the configuration names; none is no error.
func (s *snapshot) readUnit(ctx context.Context, name string) (*detect.Unit, error) {
	if name == "" {
		return nil, nil
	}
	if s.Units == nil {
		return nil, errNotAsked
	}
	return s.Units.Unit(ctx, name)
}
