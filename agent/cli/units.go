package cli

import (
	"context"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/look"
)

// units reads a unit with all that its files tell: environment files and an app's directory are
// often closed to the agent's user, so root reads those of the sites' own units.
type units struct{ w *world }

// Unit is collect.Units. Without the helper, what the bus tells everybody has to do.
func (u units) Unit(ctx context.Context, name string) (*detect.Unit, error) {
	if !u.w.root {
		for _, s := range u.w.sites() {
			for _, r := range s.Routes {
				if of := which(r, name); of != "" {
					// Root reads its own configuration, which may have changed since we read ours.
					if seen, err := u.w.looker.Unit(ctx, s.Name, r.Path, of); err == nil && seen.Name == name {
						return seen, nil
					}
				}
			}
		}
	}
	return u.w.bus.Unit(ctx, name)
}

// which of the route's units has that name; "" when none has.
func which(r detect.Route, name string) look.Of {
	switch name {
	case r.Unit:
		return look.OfService
	case r.Socket:
		return look.OfSocket
	}
	return ""
}
