package host

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// oneUnit is what is read of every unit.
type oneUnit detect.Unit

func (u oneUnit) Unit(_ context.Context, name string) (*detect.Unit, error) {
	copied := detect.Unit(u)
	copied.Name = name
	return &copied, nil
}

type unitsByName map[string]*detect.Unit

func (u unitsByName) Unit(_ context.Context, name string) (*detect.Unit, error) { return u[name], nil }

func TestAHoldIsKept(t *testing.T) {
	now := detect.At(time.Now())
	for name, c := range map[string]struct {
		holds        []policy.Hold
		err          error
		want, reload string
	}{
		"none":           {},
		"of the site":    {holds: []policy.Hold{{Site: "shop", Owner: "anna", Reason: "deploy"}}, want: "held by anna (deploy)", reload: "held by anna (deploy)"},
		"of all sites":   {holds: []policy.Hold{{Owner: "anna", Until: now.Add(detect.For(time.Hour))}}, want: "held by anna", reload: "held by anna"},
		"of another one": {holds: []policy.Hold{{Site: "blog", Owner: "bob"}}, reload: "held by bob"},
		"that is over":   {holds: []policy.Hold{{Site: "shop", Until: now.Add(-1)}}},
		"not readable":   {err: errors.New("no disk"), want: "not known whether a hold", reload: "not known whether a hold"},
	} {
		h := &Host{Config{Units: oneUnit{}, Holds: func(context.Context, string) ([]policy.Hold, error) { return c.holds, c.err }}}
		for _, v := range []remediate.Effect{remediate.Restart, remediate.SetMode, remediate.Reload} {
			want := c.want
			if v == remediate.Reload { // loads what is on the disk of every site
				want = c.reload
			}
			err := h.guard(t.Context(), remediate.Request{Verb: v, Site: "shop"}, place{unit: "shop.service"})
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: %v, want %q", name, v, err, want)
			}
		}
	}
}

func TestWhatNobodyMayTouch(t *testing.T) {
	for want, u := range map[string]unit{
		"":                  {load: "loaded", freezer: "running"},
		"no such unit":      {load: "not-found"},
		"systemctl unmask":  {load: "loaded", file: "masked-runtime"},
		"could not load it": {load: "bad-setting"},
		"systemctl thaw":    {load: "loaded", freezer: "freezing"},
	} {
		if err := u.touchable(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", u, err, want)
		}
	}
	if err := (unit{load: "loaded"}).touchable(); err != nil { // systemd 245 and older knows no freezer
		t.Error(err)
	}
}

func TestSystemdDoesNoMoreThanWasAsked(t *testing.T) {
	route := detect.Route{Unit: "shop.service", Socket: "shop.socket", Also: []string{"worker.service", "postgresql.service"}}
	along := func(unit, active string) oneUnit {
		return oneUnit{TakenAlong: []detect.Dependent{{Unit: unit, Active: active, By: "BoundBy"}}}
	}
	for name, c := range map[string]struct {
		unit oneUnit
		verb remediate.Effect
		want string
	}{
		"nothing else":                {oneUnit{StartLimitAction: "none"}, remediate.Restart, ""},
		"one that is not named":       {along("mail.service", "active"), remediate.Restart, "mail.service would be taken along"},
		"ended with the leftovers":    {along("mail.service", "active"), remediate.EndLeftovers, "mail.service would be"},
		"one that is starting":        {along("mail.service", "activating"), remediate.Restart, "mail.service would be"},
		"one that is down anyhow":     {along("mail.service", "failed"), remediate.Restart, ""},
		"one that is allowed by name": {along("worker.service", "active"), remediate.Restart, ""},
		"allowed, but on the list":    {along("postgresql.service", "active"), remediate.Restart, "postgresql.service would be"},
		"its own socket":              {along("shop.socket", "active"), remediate.Restart, ""},
		"a start takes none along":    {along("mail.service", "active"), remediate.Start, ""},
		"what a start stops":          {oneUnit{Conflicts: []detect.Dependent{{Unit: "green.service", Active: "active"}}}, remediate.Start, "green.service would be"},
		"what a restart stops":        {oneUnit{Conflicts: []detect.Dependent{{Unit: "green.service", Active: "active"}}}, remediate.Restart, "green.service would be"},
		"one whose state is unknown":  {along("mail.service", "unknown"), remediate.Restart, "mail.service would be"},
		"another name of one listed":  {oneUnit{AliasOf: "docker.service"}, remediate.Start, "deny list"},
		"a reboot":                    {oneUnit{FailureAction: "reboot"}, remediate.Start, "would reboot the machine"},
	} {
		err := (&Host{Config{Units: c.unit}}).guard(t.Context(), remediate.Request{Verb: c.verb}, place{route: route, unit: "shop.service"})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	socket := unitsByName{"shop.socket": {}, "shop.service": {Conflicts: []detect.Dependent{{Unit: "green.service", Active: "active"}}}}
	start := remediate.Request{Verb: remediate.Start, On: remediate.OnSocket}
	err := (&Host{Config{Units: socket}}).guard(t.Context(), start, place{route: route, unit: "shop.socket"})
	if err == nil || !strings.Contains(err.Error(), "green.service would be") {
		t.Errorf("what the service stops that its socket starts: %v", err)
	}
	if err := (&Host{}).guard(t.Context(), remediate.Request{Verb: remediate.Restart}, place{}); err == nil {
		t.Error("restarted without knowing what is taken along")
	}
}
