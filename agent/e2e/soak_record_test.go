package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// act is an intent as the record has it.
type act struct {
	seq     int64
	intent  remediate.Intent
	outcome policy.Outcome
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
	for line := range strings.Lines(out) {
		if !strings.HasSuffix(line, "\n") {
			break // it is being written
		}
		var r audit.Record
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return fmt.Errorf("cannot read a record: %w: %.200s", err, line)
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
	case agent.RecordFault:
		return fmt.Errorf("a fault of the agent is recorded: %s", r.Data)
	case audit.KindIntent:
		return w.intend(r)
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

func (w *watched) intend(r audit.Record) error {
	var in remediate.Intent
	if err := json.Unmarshal(r.Data, &in); err != nil {
		return err
	}
	spent := w.spent(in)
	w.acts = append(w.acts, act{r.Seq, in, policy.OutcomeOpen})
	w.tally.intents++
	if w.tally.spent = max(w.tally.spent, spent); spent >= soakBudget {
		return fmt.Errorf("intent %d (%s) with %d actions in five minutes that did not help", r.Seq, in.Action.Verb, spent)
	}
	if err := scope(in.Action); err != nil {
		return fmt.Errorf("intent %d: %w", r.Seq, err)
	}
	return nil
}

// spent counts apart from policy's own code: how many actions of the five minutes before did not recover
// the site, unless a person had mended it.
func (w *watched) spent(in remediate.Intent) (n int) {
	if in.Case.Incident.Mended {
		return 0
	}
	nginx := func(v policy.Verb) bool { return v == policy.StartNginx || v == policy.ReloadNginx }
	for _, a := range w.acts {
		same := nginx(in.Action.Verb) == nginx(a.intent.Action.Verb)
		if same && a.outcome != policy.Recovered && !a.intent.Case.Incident.Mended && in.At.Sub(a.intent.At) < detect.For(5*time.Minute) {
			n++
		}
	}
	return n
}

// allJudged is nil once the verifier, or the next agent, has said what became of every action.
func (w *watched) allJudged() error {
	for _, a := range w.acts {
		if a.outcome == policy.OutcomeOpen {
			return fmt.Errorf("intent %d (%s) was never judged", a.seq, a.intent.Action.Verb)
		}
	}
	return nil
}
