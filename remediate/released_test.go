package remediate

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// asked counts the looks of the check behind.
type asked struct{ n int }

func (a *asked) Recheck(context.Context, policy.Case, policy.Action) error { a.n++; return nil }

// What a person released is looked at as a whole, at the last moment; what nobody did is not.
func TestReleased(t *testing.T) {
	c := policy.Case{Schema: policy.Schema, Facts: detect.Facts{Site: "shop", Unit: &detect.Unit{Name: "shop.service", Active: "failed", Sub: "failed"}}}
	bound := c
	bound.Incident.Release = &policy.Release{Plan: policy.Fingerprint(c), By: "ann"}
	up := func(_ context.Context, c policy.Case) (policy.Case, error) {
		u := *c.Facts.Unit
		u.Active, u.Sub = "active", "running"
		c.Facts.Unit = &u
		return c, nil
	}
	same := func(_ context.Context, c policy.Case) (policy.Case, error) { c.Now++; return c, nil }
	blind := func(_ context.Context, c policy.Case) (policy.Case, error) { return c, errors.New("no bus") }
	for name, tt := range map[string]struct {
		c     policy.Case
		again func(context.Context, policy.Case) (policy.Case, error)
		says  string // "": passes
	}{
		"nobody released it":   {c: c, again: up},
		"nothing moved":        {c: bound, again: same},
		"the unit moved":       {c: bound, again: up, says: "the plan that ann released: state of shop.service: failed (failed) → active (running)"},
		"it cannot be seen":    {c: bound, again: blind, says: "cannot look again: no bus"},
		"another plan's word":  {c: withWord(c, "other"), again: same, says: "no longer the plan that ann released"},
		"the word of a person": {c: withWord(c, policy.Fingerprint(c)), again: same},
	} {
		t.Run(name, func(t *testing.T) {
			next := &asked{}
			err := Released{Again: tt.again, Next: next}.Recheck(t.Context(), tt.c, policy.Action{})
			switch {
			case tt.says == "" && (err != nil || next.n != 1):
				t.Errorf("%v; the next check looked %d times", err, next.n)
			case tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says) || next.n != 0):
				t.Errorf("got %v, want %q; the next check looked %d times", err, tt.says, next.n)
			}
		})
	}
	late, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Released{Again: same, Next: &asked{}}).Recheck(late, bound, policy.Action{}); err == nil {
		t.Error("a look that was cut short counts as the same")
	}
}

func withWord(c policy.Case, plan string) policy.Case {
	c.Incident.Release = &policy.Release{Plan: plan, By: "ann"}
	return c
}

// The deadlines leave room for the look.
func TestDeadlineOfAReleasedPlan(t *testing.T) {
	d := policy.Decision{Do: policy.DoAct, Action: &policy.Action{Verb: policy.RestartUnit}}
	plain := Deadline(policy.Case{}, d)
	if released := Deadline(withWord(policy.Case{}, "x"), d); released-plain != lookTime {
		t.Errorf("%s for a released plan, %s for another", released, plain)
	}
}
