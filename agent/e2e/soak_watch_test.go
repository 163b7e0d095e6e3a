package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/policy"
)

// watched is a machine whose promises are checked by what can be seen from outside: the site, the
// record, other units, /proc.
type watched struct {
	*shop
	tally       *tally
	seen        int64  // the last record that was read
	acts        []act  // every intent so far
	lastID      string // of the incident before
	first, last usage  // of the present process, when it first was at rest, and now
	calls       string // what a person was told of last, and why
	mayEnd      bool   // the agent was to be killed in the step before
}

// ending is what became of a step's faults.
type ending string

const (
	healed   ending = "healed"    // by the agent, proven
	noOutage ending = "no outage" // nothing was broken for clients, or systemd was faster
	wasTold  ending = "escalated" // a person was told
)

// restedFor is in how many looks on end the site must be up and the agent idle: what a fault does may take
// a moment to show.
const restedFor = 8

// upOrTold waits until the site answers and the agent rests, or it has told a person.
func (w *watched) upOrTold(ctx context.Context, within time.Duration) (ending, error) {
	return w.until(ctx, within, func(v agent.View) bool {
		return v.Incident != nil && v.Incident.Told != 0 && (v.State == agent.Escalated || v.State == agent.Degraded)
	})
}

// until waits until the site answers and the agent rests, or what else the caller waits for.
func (w *watched) until(ctx context.Context, within time.Duration, told func(agent.View) bool) (ending, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for rested := 0; ; {
		v, err := w.view()
		if err == nil && told(v) {
			w.calls = inShort(v)
			return wasTold, nil
		}
		rested++
		if err = errors.Join(err, w.up(ctx)); err != nil || v.State != agent.Idle {
			rested = 0
		}
		if rested == restedFor {
			return w.closed(v), nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("the site is %s (%s), %v: after %s", v.State, inShort(v), err, within)
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// inShort is the open incident in one line.
func inShort(v agent.View) string {
	if v.Incident == nil {
		return "no incident"
	}
	return fmt.Sprintf("%s, %s: %s", v.Incident.ID, v.Incident.Diagnosis.Primary.Cause, why(*v.Incident))
}

func (w *watched) view() (agent.View, error) {
	s, err := w.status()
	if err == nil && len(s.Routes) == 0 {
		err = errors.New("status shows no route")
	}
	if err != nil {
		return agent.View{}, fmt.Errorf("the agent does not answer: %w", err)
	}
	return s.Routes[0], nil
}

// closed tells an incident that was closed since the last step from none.
func (w *watched) closed(v agent.View) ending {
	if v.Last == nil || v.Last.ID == w.lastID {
		return noOutage
	}
	w.lastID = v.Last.ID
	return healed
}

// up asks the site as a client does.
func (w *watched) up(ctx context.Context) error {
	client := w.HTTPClient()
	client.Timeout = 3 * time.Second
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, machine.URL, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %d", resp.StatusCode)
	}
	return nil
}

// resumed ends a person's hold, during which nothing may have been done; then it is as without one.
func (w *watched) resumed(ctx context.Context) (ending, error) {
	before := len(w.acts)
	if err := w.read(ctx); err != nil {
		return "", err
	}
	if n := len(w.acts) - before; n > 0 {
		return "", fmt.Errorf("%d actions while a person held the site", n)
	}
	if _, err := w.Run(ctx, "gatemend", "resume", "--reason", "soak"); err != nil {
		return "", fmt.Errorf("the person cannot end the hold: %w", err)
	}
	return w.until(ctx, longest, func(v agent.View) bool {
		return v.Incident != nil && v.Incident.Told != 0 && (v.State == agent.Escalated || v.State == agent.Degraded) && !refusedBy(*v.Incident, policy.Held)
	})
}

// mended is a person's work; the agent must see it, and close the incident.
func (w *watched) mended(ctx context.Context) error {
	if _, err := w.Shell(ctx, mendAll); err != nil {
		return fmt.Errorf("the person cannot mend it: %w", err)
	}
	_, err := w.until(ctx, longest, func(agent.View) bool { return false })
	if err != nil {
		return fmt.Errorf("a person mended everything: %w", err)
	}
	return nil
}

// kept checks the promises: the record is whole, everything begun is judged, budgets are kept, nothing
// but the shop and nginx was touched, the agent neither ends by itself nor grows.
func (w *watched) kept(ctx context.Context, p plan) error {
	if out, err := w.Run(ctx, "gatemend", "audit", "verify"); err != nil {
		return fmt.Errorf("the record is not whole: %w: %s", err, out)
	}
	if err := errors.Join(w.read(ctx), w.allJudged(), w.scoped(p)); err != nil {
		return err
	}
	return w.lean(ctx, p.ends())
}

// scoped compares the other services with the step before.
func (w *watched) scoped(p plan) error {
	now, was := w.bystanders(), w.was
	w.was = now
	for name, value := range was {
		of, service := strings.CutPrefix(name, "invocation of ")
		if service && now[name] != value && !slices.Contains(takenAlong(p.shake), of) {
			return fmt.Errorf("%s was changed", name)
		}
	}
	return nil
}

// takenAlong is which bystanders a restarted service restarts. logind does not outlive D-Bus; nginx is
// none in a soak, which breaks and mends it.
func takenAlong(shake string) []string {
	l := []string{"nginx", shake + ".service"}
	if shake == "dbus" {
		l = append(l, "systemd-logind.service")
	}
	return l
}
