package audit

import "fmt"

// anchor compares with the heads that journald remembers.
func (v *verifier) anchor(heads []Head) {
	newest, first, last := int64(0), int64(0), int64(0)
	for _, h := range heads {
		newest = max(newest, h.Seq)
		if hash, ok := v.seen[h.Seq]; !ok || hash == h.Hash || v.edited[h.Seq] {
			continue
		}
		if first == 0 || h.Seq < first {
			first = h.Seq
		}
		last = max(last, h.Seq)
	}
	add := func(what What, seq int64, format string, args ...any) {
		v.report.Damage = append(v.report.Damage, Damage{What: what, Seq: seq, Why: fmt.Sprintf(format, args...)})
	}
	switch {
	case first == 0:
	case first == v.last: // nothing is chained to it: it alone was written anew
		add(Edited, first, "record %d is not the one that journald remembers", first)
	default:
		add(Replaced, first, "%s not of the chain that journald remembers: the log was written anew from record %d on", run(first, last), first)
	}
	if newest > v.last {
		add(Truncated, v.last+1, "%s missing at the end: journald remembers record %d", run(v.last+1, newest), newest)
	}
}
