package host

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// guard asks once more what policy asked the facts: whoever holds the other end of act.sock need
// not have asked.
func (h *Host) guard(ctx context.Context, r remediate.Request, p place) error {
	if err := h.held(ctx, r); err != nil {
		return err
	}
	if r.Verb == remediate.SetMode {
		return nil
	}
	return h.alone(ctx, r, p)
}

// held errs while a hold keeps the effect off.
func (h *Host) held(ctx context.Context, r remediate.Request) error {
	if h.Holds == nil {
		return nil
	}
	holds, err := h.Holds(ctx, r.Site)
	if err != nil {
		return fmt.Errorf("it is not known whether a hold is in force: %w", err)
	}
	a := policy.Action{Site: r.Site}
	if r.Verb == remediate.Reload {
		a.Verb = policy.ReloadNginx
	}
	if one, held := policy.Holding(holds, policy.Under(&a), "", detect.At(time.Now())); held {
		return errors.New("the site is " + one.String())
	}
	return nil
}

// alone errs where systemd would do more than was asked: take an active unit along that the
// configuration does not name (promise 6), or power the machine down; and where the unit goes by
// another name on the deny list.
func (h *Host) alone(ctx context.Context, r remediate.Request, p place) error {
	if h.Units == nil {
		return errors.New("nothing here knows what systemd would do besides")
	}
	u, err := h.Units.Unit(ctx, p.unit)
	if err != nil {
		return err
	}
	if u.AliasOf != "" && policy.DenyListed(u.AliasOf) && !(r.On == remediate.OnNginx && policy.IsNginx(u.AliasOf)) {
		return fmt.Errorf("%s is %s, which is on the deny list, whatever the configuration says", p.unit, u.AliasOf)
	}
	if key, action := policy.Reboots(u); key != "" {
		return fmt.Errorf("systemd would %s the machine when %s fails or ends", action, p.unit)
	}
	others := reached(u, r.Verb, p.route)
	if r.On == remediate.OnSocket { // the first connection to it starts the service
		service, err := h.Units.Unit(ctx, p.route.Unit)
		if err != nil {
			return err
		}
		others = append(others, policy.Ousted(p.route, service)...)
	}
	for _, unit := range others {
		if !slices.Contains(p.route.Also, unit) || policy.DenyListed(unit) {
			return fmt.Errorf("%s would be taken along: name it under also: if it may be", unit)
		}
	}
	return nil
}

// reached are the other units that systemd would stop or restart.
func reached(u *detect.Unit, v remediate.Effect, r detect.Route) []string {
	switch v {
	case remediate.Restart, remediate.EndLeftovers:
		return policy.Taken(u, r)
	case remediate.Start:
		return policy.Ousted(r, u)
	}
	return nil
}
