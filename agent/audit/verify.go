package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
)

// Damage is what is wrong at one place.
type Damage struct {
	What  What   `json:"what"`
	Seq   int64  `json:"seq,omitempty"`   // of the record concerned, the first of several
	Place string `json:"place,omitempty"` // file:line
	Why   string `json:"why"`
}

// String is the sentence for a person.
func (d Damage) String() string {
	text := fmt.Sprintf("%s: %s", d.What, d.Why)
	if d.Place != "" {
		text += " (" + d.Place + ")"
	}
	return text
}

// What names a kind of damage.
type What string

// Kinds of damage.
const (
	Edited     What = "edited"     // a record is not what was written
	Reordered  What = "reordered"  // records are not in the order of their numbers
	Duplicated What = "duplicated" // a record is there twice
	Gap        What = "gap"        // records are missing within a segment
	Removed    What = "removed"    // records are missing between segments: a whole one, or more
	Truncated  What = "truncated"  // records behind the last one are missing
	Replaced   What = "replaced"   // a chain that is whole, and not the one that was written
	Unreadable What = "unreadable" // a line that is no record
)

// Report is what [Verify] found.
type Report struct {
	Records  int      `json:"records"`
	Segments int      `json:"segments"`
	First    int64    `json:"first"` // older ones went by age or size
	Head     Head     `json:"head"`
	Heads    int      `json:"heads"` // compared with journald; 0: a cut tail would not show
	Torn     []string `json:"torn,omitempty"`
	Kept     []string `json:"kept,omitempty"` // segments past their time that could not be removed (chattr +a)
	Damage   []Damage `json:"damage,omitempty"`
}

// OK tells whether the record is whole.
func (r Report) OK() bool { return len(r.Damage) == 0 }

// Verify reads the whole log and names what was edited, reordered, removed or cut off.
// Heads are those that journald remembers: without them nobody can see that the last
// records are gone. The error is of reading the directory; damage is in the report.
func Verify(dir string, heads ...Head) (Report, error) {
	segs, err := segments(dir)
	if err != nil {
		return Report{}, err
	}
	v := verifier{seen: map[int64]string{}, edited: map[int64]bool{}, begins: map[int64]string{}, oldest: 1, report: Report{Segments: len(segs), Heads: len(heads)}}
	for _, s := range segs {
		v.begins[s.first] = filepath.Base(s.path)
		for l := range lines(s.path) {
			v.line(l)
		}
		v.segmentEnds(s)
	}
	v.gaps()
	v.anchor(heads)
	for i := 1; i < len(segs) && segs[i].first <= v.oldest; i++ {
		v.report.Kept = append(v.report.Kept, filepath.Base(segs[i-1].path))
	}
	return v.report, nil
}

// verifier walks the chain.
type verifier struct {
	report Report
	seen   map[int64]string // number → hash
	first  int64
	last   int64
	begins map[int64]string // first number of a segment, by its name → name
	edited map[int64]bool   // known already: that its successor names another hash is no news
	bad    *line            // a line that is no record: torn, if a record says so
	oldest int64            // first record that must be there
}

func (v *verifier) damage(what What, l line, seq int64, format string, args ...any) {
	v.report.Damage = append(v.report.Damage, Damage{what, seq, l.place(), fmt.Sprintf(format, args...)})
}

func (v *verifier) line(l line) {
	r := l.record
	if r.Seq == 0 {
		v.unreadable()
		v.bad = &line{segment: l.segment, number: l.number, whole: l.whole, err: l.err}
		return
	}
	if v.bad != nil && r.Kind == KindTorn {
		v.report.Torn, v.bad = append(v.report.Torn, v.bad.place()), nil
	}
	v.unreadable()
	v.record(l, r)
}

// unreadable reports a bad line that no torn record explains.
func (v *verifier) unreadable() {
	if v.bad != nil {
		v.damage(Unreadable, *v.bad, 0, "%v", v.bad.err)
		v.bad = nil
	}
}

// segmentEnds: an unfinished line at the end of a segment is a crash, not damage.
func (v *verifier) segmentEnds(segment) {
	if v.bad != nil && !v.bad.whole {
		v.report.Torn, v.bad = append(v.report.Torn, v.bad.place()), nil
	}
}

func (v *verifier) record(l line, r Record) {
	v.report.Records++
	if l.err != nil {
		v.edited[r.Seq] = true
		v.damage(Edited, l, r.Seq, "record %d: %v", r.Seq, l.err)
	}
	before, known := v.seen[r.Seq-1]
	_, twice := v.seen[r.Seq]
	switch {
	case twice:
		v.damage(Duplicated, l, r.Seq, "record %d is there twice", r.Seq)
	case r.Seq < v.last:
		v.damage(Reordered, l, r.Seq, "record %d stands behind record %d", r.Seq, v.last)
	case known && r.Prev != before && !v.edited[r.Seq-1]:
		v.damage(Edited, l, r.Seq-1, "record %d is not the one that record %d was chained to", r.Seq-1, r.Seq)
		v.edited[r.Seq-1] = true
	case r.Seq == 1 && r.Prev != Genesis:
		v.damage(Edited, l, 1, "the first record names one before it")
	}
	if v.first == 0 || r.Seq < v.first {
		v.first = r.Seq
	}
	v.seen[r.Seq] = r.Hash
	if r.Seq > v.last {
		v.last, v.report.Head = r.Seq, Head{r.Seq, r.Hash}
	}
	v.rotated(r)
}

// rotated reads from where the log says that it is kept.
func (v *verifier) rotated(r Record) {
	var data rotated
	if r.Kind == KindRotate && json.Unmarshal(r.Data, &data) == nil && data.Oldest > v.oldest && data.Oldest <= r.Seq {
		v.oldest = data.Oldest
	}
}

// gaps finds the numbers that are nowhere. Numbers before the oldest kept went by age.
func (v *verifier) gaps() {
	v.unreadable()
	v.report.First = v.first
	if v.first == 0 {
		return
	}
	next := v.oldest
	for _, seq := range slices.Sorted(maps.Keys(v.seen)) {
		if seq > next {
			v.report.Damage = append(v.report.Damage, v.missing(next, seq-1))
		}
		next = max(next, seq+1)
	}
}

// missing words a gap. Between two segments nobody can tell a removed one from the cut end of the one
// before, but for the first: nothing was before it.
func (v *verifier) missing(from, to int64) Damage {
	next, between := v.begins[to+1]
	switch {
	case between && from < v.first:
		return Damage{Removed, from, next, fmt.Sprintf("%s missing: the segment %s is gone", run(from, to), segmentName(from))}
	case between:
		return Damage{Removed, from, next, fmt.Sprintf("%s missing between two segments: %s is gone, or the end of the one before", run(from, to), segmentName(from))}
	}
	return Damage{Gap, from, "", run(from, to) + " missing"}
}

// run names records from one number to another.
func run(from, to int64) string {
	if from == to {
		return fmt.Sprintf("record %d is", from)
	}
	return fmt.Sprintf("records %d to %d are", from, to)
}
