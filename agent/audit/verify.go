package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Damage is what is wrong at one place.
type Damage struct {
	What  What   `json:"what"`
	Seq   int64  `json:"seq,omitempty"`   // of the record concerned, the first of several
	Place string `json:"place,omitempty"` // file:line
	Why   string `json:"why"`
}

// What names a kind of damage.
type What string

// Kinds of damage.
const (
	Edited     What = "edited"     // a record is not what was written
	Reordered  What = "reordered"  // records are not in the order of their numbers, or twice
	Gap        What = "gap"        // records, or a whole segment, are missing
	Truncated  What = "truncated"  // records behind the last one are missing
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
	v := verifier{seen: map[int64]string{}, edited: map[int64]bool{}, oldest: 1, report: Report{Segments: len(segs), Heads: len(heads)}}
	for _, s := range segs {
		for l := range lines(s.path) {
			v.line(l)
		}
		v.segmentEnds(s)
	}
	v.gaps()
	v.anchor(heads)
	return v.report, nil
}

// verifier walks the chain.
type verifier struct {
	report Report
	seen   map[int64]string // number → hash
	first  int64
	last   int64
	edited map[int64]bool // known already: that its successor names another hash is no news
	bad    *line          // a line that is no record: torn, if a record says so
	oldest int64          // first record that must be there
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
		v.damage(Reordered, l, r.Seq, "record %d is there twice", r.Seq)
	case r.Seq < v.last:
		v.damage(Reordered, l, r.Seq, "record %d stands behind record %d", r.Seq, v.last)
	case known && r.Prev != before && !v.edited[r.Seq-1]:
		v.damage(Edited, l, r.Seq-1, "record %d is not the one that record %d was chained to", r.Seq-1, r.Seq)
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
			place := ""
			if next < v.first {
				place = segmentName(v.first)
			}
			v.report.Damage = append(v.report.Damage, Damage{Gap, next, place, fmt.Sprintf("records %d to %d are missing", next, seq-1)})
		}
		next = max(next, seq+1)
	}
}

// anchor compares with the heads that journald remembers.
func (v *verifier) anchor(heads []Head) {
	var newest Head
	for _, h := range heads {
		if h.Seq > newest.Seq {
			newest = h
		}
		if hash, ok := v.seen[h.Seq]; ok && hash != h.Hash {
			v.report.Damage = append(v.report.Damage, Damage{Edited, h.Seq, "", fmt.Sprintf("record %d has another hash than journald remembers: the log was written anew from there", h.Seq)})
		}
	}
	if newest.Seq > v.last {
		v.report.Damage = append(v.report.Damage, Damage{Truncated, v.last + 1, "", fmt.Sprintf("records %d to %d are missing: journald remembers record %d", v.last+1, newest.Seq, newest.Seq)})
	}
}
