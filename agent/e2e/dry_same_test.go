package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// judged is what was decided from what, and what is asked of the machine for it.
type judged struct {
	Case     policy.Case         `json:"case"`
	Decision policy.Decision     `json:"decision"`
	Steps    []remediate.Request `json:"steps,omitempty"`
}

// ofTheRun is all that two looks at the same broken machine may differ in, with the reason. The fault and
// the processes are the same: PIDs, inodes, hashes, states and every line that was there before count.
var ofTheRun = []struct {
	why  string
	hide func(c *policy.Case)
}{
	{"when it was looked, and how long an answer took", func(c *policy.Case) {
		f := &c.Facts
		c.Now, c.Uptime, c.Incident.Since, f.At = 0, 0, 0, 0
		for _, a := range []*detect.Answer{f.Upstream, f.Public} {
			if a != nil {
				a.At, a.Took = 0, 0
			}
		}
		if f.Worker != nil {
			f.Worker.At = 0
		}
		if f.Nginx.Test != nil {
			f.Nginx.Test.At = 0
		}
		f.Traffic.Window = 0
		for i := range f.Processes {
			f.Processes[i].Looked = 0
		}
	}},
	{"the kernel tells starts in ticks since the boot, whose time is computed anew by each look: they differ by some µs", func(c *policy.Case) {
		c.Facts.Booted, c.Facts.Nginx.LoadedAt = 0, 0
		for p := range processes(&c.Facts) {
			p.Start = 0
		}
	}},
	{"what the host had free, who ran just then, and how many of our own requests hung in the queue", func(c *policy.Case) {
		h := c.Facts.Host
		h.MemFree, h.NofileUse = 0, 0
		for i := range h.Disks {
			h.Disks[i].FreeBytes, h.Disks[i].FreeInodes = 0, 0
		}
		for i := range c.Facts.Listeners {
			c.Facts.Listeners[i].Queue = 0
		}
		for p := range processes(&c.Facts) {
			p.State = strings.NewReplacer("R", "S", "D", "S").Replace(p.State)
		}
	}},
	{"systemd counts the starts of the last 10 s", func(c *policy.Case) {
		if c.Facts.Start != nil {
			c.Facts.Start.Recent = 0
		}
	}},
	{"the agent's own start makes its directory in /run", func(c *policy.Case) {
		if p := c.Facts.Path; p != nil {
			for i := range p.Parts {
				if p.Parts[i].Path == "/run" {
					p.Parts[i].CTime, p.Parts[i].MTime = 0, 0
				}
			}
		}
	}},
	{"our own probes: what nginx and a failing app said to them, and the port they came from", func(c *policy.Case) {
		f := &c.Facts
		f.Lines = slices.DeleteFunc(f.Lines, func(l detect.Line) bool {
			return l.Ours || f.Upstream.Status == 500 && slices.Contains([]detect.Event{detect.EventRequestError, detect.EventTraceback}, l.Event)
		})
		for _, a := range []*detect.Answer{f.Upstream, f.Public} {
			if a != nil {
				a.Detail = ownPort.ReplaceAllString(a.Detail, "$1:PORT->")
			}
		}
		d := &c.Diagnosis
		for i := range d.Trace {
			d.Trace[i].Why = soOften.ReplaceAllString(d.Trace[i].Why, "N times:")
		}
		for i := range d.Primary.Evidence {
			d.Primary.Evidence[i].Text = soOften.ReplaceAllString(d.Primary.Evidence[i].Text, "N times:")
		}
	}},
	{"each mode has its own budget: what was rehearsed counts for rehearsals", func(c *policy.Case) {
		c.History = slices.DeleteFunc(c.History, func(e policy.Entry) bool { return e.Shadow })
		if len(c.History) == 0 {
			c.History = nil
		}
	}},
	{"the mode itself", func(c *policy.Case) { c.Settings.Mode = "" }},
}

var (
	ownPort = regexp.MustCompile(`(127\.0\.0\.1):\d+->`)
	soOften = regexp.MustCompile(`\b\d+ times:`)
	// inWords are those of them that a guard says: a time since, and the starts of the last 10 s.
	inWords = regexp.MustCompile(`\b(\d+h)?(\d+m)?\d+(\.\d+)?s (ago|→)|has been going down for \S+|\b\d+ starts in`)
)

// processes are all that the facts tell of.
func processes(f *detect.Facts) func(yield func(*detect.Process) bool) {
	lists := [][]detect.Process{f.Processes, f.Strays, f.Nginx.Workers}
	for _, l := range f.Listeners {
		lists = append(lists, l.Owners)
	}
	return func(yield func(*detect.Process) bool) {
		if f.Nginx.Master != nil && !yield(f.Nginx.Master) {
			return
		}
		for _, l := range lists {
			for i := range l {
				if !yield(&l[i]) {
					return
				}
			}
		}
	}
}

// sameJudged compares byte for byte, but for what is of the run.
func (m *shop) sameJudged(dry, live judged) {
	m.tb.Helper()
	for _, j := range []judged{dry, live} {
		m.sameBytes("the record's decision and that of its case", j.Decision, policy.Decide(j.Case))
	}
	a, b := m.hidden(dry), m.hidden(live)
	for _, part := range []struct {
		what      string
		dry, live any
	}{{"the case", a.Case, b.Case}, {"the decision", a.Decision, b.Decision}, {"what is asked", a.Steps, b.Steps}} {
		if d, l := m.canonical(part.dry), m.canonical(part.live); d != l {
			m.tb.Errorf("%s of the dry run is not the live one's:\n%s", part.what, gocmp.Diff(tree(d), tree(l)))
		}
	}
}

// hidden is a copy without what is of the run.
func (m *shop) hidden(j judged) (out judged) {
	m.tb.Helper()
	if err := json.Unmarshal([]byte(m.canonical(j)), &out); err != nil {
		m.tb.Fatal(err)
	}
	for _, o := range ofTheRun {
		o.hide(&out.Case)
	}
	for i := range out.Decision.Guards {
		g := &out.Decision.Guards[i]
		g.Why = inWords.ReplaceAllString(g.Why, "…")
	}
	return out
}

func (m *shop) canonical(v any) string {
	m.tb.Helper()
	text, err := policy.Canonical(v)
	if err != nil {
		m.tb.Fatal(err)
	}
	return string(text)
}

// tree is canonical JSON as what it holds, for a difference that can be read.
func tree(text string) (v any) {
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return fmt.Sprint(err)
	}
	return v
}
