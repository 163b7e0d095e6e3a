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
	in      []int         // of each entry, its boot
	at      map[int64]int // seq of the intent → index
	boots   boots
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
	switch {
	case err == nil:
		h.add(r)
	case r.Kind == KindIntent:
		h.open(r, -1) // its times say nothing either
	}
}

func (h *history) add(r Record) {
	boot := h.boots.note(r.Boot, r.At, r.Uptime)
	switch r.Kind {
	case KindIntent:
		h.open(r, boot)
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
func (h *history) open(r Record, boot int) {
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
	h.entries, h.in = append(h.entries, e), append(h.in, boot)
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
// uptime tells their age, whatever the clock did; across boots see [boots].
func (h *history) within(window detect.Span, now detect.Time, boot string, uptime detect.Span) []policy.Entry {
	h.boots.note(boot, now, uptime)
	present := detect.Moment{At: now, Boot: boot, Uptime: uptime}
	var out []policy.Entry
	for i, e := range h.entries {
		e = h.boots.dated(e, h.in[i], now)
		if present.Since(e.Moment()) <= window {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b policy.Entry) int { return int(min(max(a.Seq-b.Seq, -1), 1)) })
	return out
}

// moved is by how much the clock was set since a moment of the record.
func (h *history) moved(at detect.Time, in int, uptime detect.Span, o Options) detect.Span {
	now := o.Now()
	boot, up := o.Boot()
	h.boots.note(boot, now, up)
	if in < 0 {
		return 0
	}
	by := now.Add(-h.boots.likely(in, uptime)).Sub(at)
	if by <= slewed && by >= -slewed {
		return 0
	}
	return by
}

// Keep makes a window that grew, by another configuration, the log's own: what it holds is kept and
// counted from now on. One that shrinks keeps what was kept.
func (l *Log) Keep(window detect.Span) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.opt.Window = max(l.opt.Window, window)
}

// History is our actions of the window (0: the log's own), oldest first; those whose intent has
// no result are [policy.OutcomeOpen].
func (l *Log) History(window detect.Span) []policy.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	if window <= 0 {
		window = l.opt.Window
	}
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
