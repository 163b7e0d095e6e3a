package audit

import (
	"encoding/json"
	"slices"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// history folds records into the actions that package policy counts: an intent opens one,
// results and outcomes say what became of it, the last word of the chain counting.
type history struct {
	entries []policy.Entry
	at      map[int64]int // seq of the intent → index
}

func newHistory() history { return history{at: map[int64]int{}} }

// intended is what history reads of an intent's data.
type intended struct {
	Dry    bool `json:"dry"`
	Action struct {
		Verb policy.Verb `json:"verb"`
		Unit string      `json:"unit"`
		Site string      `json:"site"`
	} `json:"action"`
	Case struct {
		Incident struct {
			ID     string `json:"id"`
			Mended bool   `json:"mended"`
		} `json:"incident"`
	} `json:"case"`
}

// became is what history reads of a result's or an outcome's data.
type became struct {
	Seq     int64          `json:"seq"`
	Outcome policy.Outcome `json:"outcome"`
}

// read adds a record from a file. One that was edited may add an action, never excuse one.
func (h *history) read(r Record, err error) {
	if err == nil || r.Kind == KindIntent {
		h.add(r)
	}
}

func (h *history) add(r Record) {
	switch r.Kind {
	case KindIntent:
		h.open(r)
	case KindResult, KindOutcome:
		var b became
		if json.Unmarshal(r.Data, &b) != nil {
			return
		}
		// An empty outcome leaves it to the verifier: open until then.
		if i, ok := h.at[b.Seq]; ok && b.Outcome != "" {
			h.entries[i].Outcome = known(b.Outcome)
		}
	}
}

// open adds an intent. One whose data cannot be read counts all the same: an action that
// is forgotten would be a budget that is regained.
func (h *history) open(r Record) {
	var in intended
	_ = json.Unmarshal(r.Data, &in) // see above
	e := policy.Entry{
		Seq: r.Seq, At: r.At, Boot: r.Boot, Uptime: r.Uptime, Site: r.Site, Incident: r.Incident,
		Verb: in.Action.Verb, Unit: in.Action.Unit, Outcome: policy.OutcomeOpen, Mended: in.Case.Incident.Mended, Shadow: in.Dry,
	}
	if e.Site == "" {
		e.Site = in.Action.Site
	}
	if e.Incident == "" {
		e.Incident = in.Case.Incident.ID
	}
	h.at[r.Seq] = len(h.entries)
	h.entries = append(h.entries, e)
}

// known keeps a word that nobody uses from counting as recovered, or as anything.
func known(o policy.Outcome) policy.Outcome {
	switch o {
	case policy.Recovered, policy.CameBack, policy.Failed, policy.Inconclusive, policy.Would:
		return o
	}
	return policy.OutcomeOpen
}

// within are the actions of the window before now, oldest first. Within this boot the
// uptime tells their age, whatever the clock did.
func (h *history) within(window detect.Span, now detect.Time, boot string, uptime detect.Span) []policy.Entry {
	var out []policy.Entry
	for _, e := range h.entries {
		age := now.Sub(e.At)
		if boot != "" && e.Boot == boot {
			age = uptime - e.Uptime
		}
		if age <= window {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b policy.Entry) int { return int(min(max(a.Seq-b.Seq, -1), 1)) })
	return out
}

// History is our actions of the window, oldest first; those whose intent has no result
// are [policy.OutcomeOpen].
func (l *Log) History(window detect.Span) []policy.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	boot, uptime := l.opt.Boot()
	return l.past.within(window, l.opt.Now(), boot, uptime)
}

// History reads the same without the lock, from the files. Records that cannot be read
// are left out and the first error is returned with what was read.
func History(dir string, window detect.Span) ([]policy.Entry, error) {
	h := newHistory()
	var first error
	for r, err := range All(dir) {
		if err != nil && first == nil {
			first = err
		}
		h.read(r, err)
	}
	o := Options{}.withDefaults()
	boot, uptime := o.Boot()
	return h.within(window, o.Now(), boot, uptime), first
}
