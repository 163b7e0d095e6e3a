package host

import (
	"errors"
	"fmt"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// place is what a request's address stands for in the configuration.
type place struct {
	site  detect.Site
	route detect.Route
	unit  string // the unit acted on; for set-mode the one whose file it is
	file  string // set-mode on a socket: its path
}

func (p place) name() string {
	if p.file != "" {
		return p.file
	}
	return p.unit
}

// resolve finds what the request is about and refuses what is not ours to touch.
func (h *Host) resolve(r remediate.Request) (place, error) {
	p, err := h.route(r)
	if err != nil {
		return place{}, err
	}
	if p.route.Manage != detect.ManageAct && p.route.Manage != detect.ManageAsk {
		return place{}, fmt.Errorf("the configuration says manage: %s", detect.ManageObserve)
	}
	if r.On == remediate.OnNginx {
		p.unit = h.NginxUnit
		if !policy.IsNginx(p.unit) {
			return place{}, fmt.Errorf("%q is no unit of nginx", p.unit)
		}
		return p, nil
	}
	if p.unit, err = unitFor(r, p.route); err != nil {
		return place{}, err
	}
	if policy.DenyListed(p.unit) {
		return place{}, fmt.Errorf("%s is on the deny list, whatever the configuration says", p.unit)
	}
	if r.Verb == remediate.SetMode {
		if !p.route.Target.IsUnix() {
			return place{}, fmt.Errorf("the target %s is no unix socket", p.route.Target)
		}
		if r.On == remediate.OnSocket {
			p.file = p.route.Target.Address
		}
	}
	return p, nil
}

func (h *Host) route(r remediate.Request) (place, error) {
	for _, s := range h.Sites() {
		if s.Name != r.Site {
			continue
		}
		for _, rt := range s.Routes {
			if rt.Path == r.Route {
				return place{site: s, route: rt}, nil
			}
		}
		return place{}, fmt.Errorf("site %q has no route %q in the configuration", r.Site, r.Route)
	}
	return place{}, fmt.Errorf("the configuration has no site %q", r.Site)
}

// unitFor is the unit of the route that the request is for. With socket activation the socket's
// file belongs to the .socket unit, its directory to the service.
func unitFor(r remediate.Request, route detect.Route) (string, error) {
	switch {
	case r.On == remediate.OnSocket && route.Socket != "":
		return route.Socket, nil
	case r.On == remediate.OnSocket && r.Verb != remediate.SetMode:
		return "", errors.New("the configuration names no .socket unit for this route")
	case route.Unit == "":
		return "", errors.New("the configuration names no unit for this route")
	}
	return route.Unit, nil
}
