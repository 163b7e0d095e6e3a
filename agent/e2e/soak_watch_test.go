package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// watched is a machine whose promises are checked by what can be seen from outside: the site, the
// record, other units, /proc.
type watched struct {
	*shop
	tally *tally
	seen  int64 // the last record that was read
	acts  []act // every intent so far
	first usage // of the present process, when it first was at rest
}

// act is an intent as the record has it.
type act struct {
	seq     int64
	intent  remediate.Intent
	outcome policy.Outcome
}

const (
	wasHealed = "healed"
	wasTold   = "escalated"
)

// upOrTold waits until the site answers and the agent rests, or it has told a person.
func (w *watched) upOrTold(ctx context.Context, within time.Duration) (how string, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for rested := 0; ; {
		s, serr := w.status()
		switch {
		case serr != nil || len(s.Routes) == 0:
			err = fmt.Errorf("the agent does not answer: %w", serr)
		case s.Routes[0].State == agent.Escalated && s.Routes[0].Incident.Told != 0:
			return wasTold, nil
		default:
			i := s.Routes[0].Incident
			err = fmt.Errorf("the site is %s", s.Routes[0].State)
			if i != nil {
				err = fmt.Errorf("incident %s is %s, %s: %s", i.ID, i.State, i.Diagnosis.Primary.Cause, why(*i))
			}
			if up := w.up(ctx); up != nil {
				err = fmt.Errorf("%w; %w", err, up)
			} else if s.Routes[0].State == agent.Idle {
				if rested++; rested == 3 {
					return wasHealed, nil
				}
				break
			}
			rested = 0
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("neither up nor told within %s: %w", within, err)
		case <-time.After(300 * time.Millisecond):
		}
	}
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

// mended is a person's work; the agent must see it, and close the incident.
func (w *watched) mended(ctx context.Context) error {
	if _, err := w.Shell(ctx, mendAll); err != nil {
		return fmt.Errorf("the person cannot mend it: %w", err)
	}
	how, err := w.upOrTold(ctx, 2*time.Minute)
	for end := time.Now().Add(2 * time.Minute); err == nil && how == wasTold; how, err = w.upOrTold(ctx, 2*time.Minute) {
		if time.Now().After(end) {
			return fmt.Errorf("still escalated 2 min after a person mended everything")
		}
	}
	return err
}

// kept checks the promises: the record is whole, everything begun is judged, budgets are kept, nothing
// but the shop and nginx was touched, and the agent does not grow.
func (w *watched) kept(ctx context.Context, p plan) error {
	if out, err := w.Run(ctx, "gatemend", "audit", "verify"); err != nil {
		return fmt.Errorf("the record is not whole: %w: %s", err, out)
	}
	before := len(w.acts)
	if err := w.read(ctx); err != nil {
		return err
	}
	w.tally.intents += len(w.acts) - before
	for i, a := range w.acts {
		if a.outcome == policy.OutcomeOpen {
			return fmt.Errorf("intent %d (%s) was never judged", a.seq, a.intent.Action.Verb)
		}
		if i < before {
			continue
		}
		if err := scope(a.intent.Action); err != nil {
			return fmt.Errorf("intent %d: %w", a.seq, err)
		}
	}
	now, was := w.bystanders(), maps.Clone(w.was)
	for name, value := range was {
		if strings.HasPrefix(name, "invocation of ") && !strings.Contains(name, "nginx") && (p.shake == "" || !strings.Contains(name, p.shake)) && now[name] != value {
			return fmt.Errorf("%s was changed", name)
		}
	}
	w.was = now
	return w.lean(ctx)
}

// scope is what the configuration allows.
func scope(a policy.Action) error {
	if !slices.Contains([]string{"", "shop.service", "shop.socket", "nginx.service"}, a.Unit) {
		return fmt.Errorf("%s of %q, which nobody configured", a.Verb, a.Unit)
	}
	if a.Path != "" && !strings.HasPrefix(a.Path, "/run/shop") {
		return fmt.Errorf("%s of %q, which nobody configured", a.Verb, a.Path)
	}
	return nil
}

// read takes over the records that are new. Budgets are counted as each intent found them.
func (w *watched) read(ctx context.Context) error {
	out, err := w.Shell(ctx, "cat $(ls /var/lib/gatemend/audit/*.jsonl | sort | tail -n 2)")
	if err != nil {
		return err
	}
	for line := range bytes.Lines([]byte(out)) {
		var r audit.Record
		if err := json.Unmarshal(line, &r); err != nil {
			return fmt.Errorf("cannot read a record: %w", err)
		}
		if r.Seq <= w.seen {
			continue
		}
		w.seen = r.Seq
		if err := w.take(r); err != nil {
			return err
		}
	}
	return nil
}

func (w *watched) take(r audit.Record) error {
	switch r.Kind {
	case audit.KindIntent:
		var in remediate.Intent
		if err := json.Unmarshal(r.Data, &in); err != nil {
			return err
		}
		if err := w.affordable(r.Seq, in); err != nil {
			return err
		}
		w.acts = append(w.acts, act{r.Seq, in, policy.OutcomeOpen})
	case audit.KindOutcome:
		var j agent.Judgement
		if err := json.Unmarshal(r.Data, &j); err != nil {
			return err
		}
		for i := range w.acts {
			if w.acts[i].seq == j.Seq {
				w.acts[i].outcome = j.Outcome
			}
		}
	}
	return nil
}

// affordable counts apart from policy's own code: how many actions of five minutes did not recover the
// site, unless a person had mended it.
func (w *watched) affordable(seq int64, in remediate.Intent) error {
	nginx := in.Action.Verb == policy.StartNginx || in.Action.Verb == policy.ReloadNginx
	if in.Case.Incident.Mended {
		return nil
	}
	spent := 0
	for _, a := range w.acts {
		same := nginx == (a.intent.Action.Verb == policy.StartNginx || a.intent.Action.Verb == policy.ReloadNginx)
		if same && a.outcome != policy.Recovered && !a.intent.Case.Incident.Mended && in.At.Sub(a.intent.At) < detect.For(5*time.Minute) {
			spent++
		}
	}
	if spent >= soakBudget {
		return fmt.Errorf("intent %d (%s) with %d actions in five minutes that did not help", seq, in.Action.Verb, spent)
	}
	return nil
}

// usage is what a process takes.
type usage struct{ pid, rss, fds, goroutines int }

// lean compares the agent with itself when it first was at rest, and then bounds what it may grow by: a
// few connections, and what an incident's evidence needs until the collector has run.
func (w *watched) lean(ctx context.Context) error {
	s, err := w.status()
	if err != nil {
		return err
	}
	out, err := w.Shell(ctx, `p=$(systemctl show -P MainPID gatemend); echo $p; awk '/^VmRSS/{print $2}' /proc/$p/status; ls /proc/$p/fd | wc -l`)
	if err != nil {
		return err
	}
	var n [3]int
	for i, f := range strings.Fields(out) {
		if i < len(n) {
			n[i], _ = strconv.Atoi(f)
		}
	}
	u := usage{n[0], n[1], n[2], s.Running}
	if u.pid != w.first.pid {
		if w.first.pid != 0 {
			w.tally.kills++
		}
		w.first = u
	}
	w.tally.rss, w.tally.fds = max(w.tally.rss, u.rss-w.first.rss), max(w.tally.fds, u.fds-w.first.fds)
	w.tally.goroutines = max(w.tally.goroutines, u.goroutines-w.first.goroutines)
	if u.rss > w.first.rss+24<<10 || u.fds > w.first.fds+10 || u.goroutines > w.first.goroutines+12 {
		return fmt.Errorf("the agent grows: %+v at first, %+v now", w.first, u)
	}
	return nil
}
