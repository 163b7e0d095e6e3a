package audit

import (
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// boots measures time along the chain. Within a boot the time since boot tells it, which cannot
// be set. From one boot to the next only the clock can, and it may have been set in either of
// them: of all that its readings allow the shortest time counts, so that no budget is regained by
// setting a clock.
type boots []boot

// boot is what the records of one boot say: when, since boot, the first and the last were written,
// and how far the clock was ahead of the time since boot: at most and at least, at first and in the end.
type boot struct {
	id          string
	first, last detect.Span
	most, least detect.Span
	begin, end  detect.Span
}

// note takes a reading of both clocks over, and gives the index of its boot: -1 where it is not known.
func (b *boots) note(id string, at detect.Time, uptime detect.Span) int {
	if id == "" {
		return -1
	}
	ahead := detect.Span(at) - uptime
	last := len(*b) - 1
	if last < 0 || (*b)[last].id != id {
		*b = append(*b, boot{id, uptime, uptime, ahead, ahead, ahead, ahead})
		return last + 1
	}
	l := &(*b)[last]
	l.last = max(l.last, uptime)
	l.most, l.least, l.end = max(l.most, ahead), min(l.least, ahead), ahead
	return last
}

// since is how long ago something was at least, by the time since boot of the i-th boot.
func (b boots) since(i int, uptime detect.Span) detect.Span {
	return b.ago(i, uptime, func(was, is boot) detect.Span { return is.least - was.most })
}

// likely is how long ago it was if nobody set the clock while the machine was off: what people are told
// is due by it, and no budget is regained.
func (b boots) likely(i int, uptime detect.Span) detect.Span {
	return b.ago(i, uptime, func(was, is boot) detect.Span { return is.begin - was.end })
}

// ago adds up the time in each boot, and between them what the clock says when it is ahead by so much.
func (b boots) ago(i int, uptime detect.Span, ahead func(was, is boot) detect.Span) detect.Span {
	age := max(0, b[i].last-uptime)
	for k := i + 1; k < len(b); k++ {
		off := ahead(b[k-1], b[k]) + b[k].first - b[k-1].last
		age += max(0, off) + b[k].last - b[k].first
	}
	return age
}

// slewed is what a clock may be behind though nobody set it: an action is then as old as it says.
const slewed = detect.Span(30_000_000)

// dated gives an action of another boot the time that it has by the clock as it is set now.
func (b boots) dated(e policy.Entry, i int, now detect.Time) policy.Entry {
	if i < 0 || i == len(b)-1 {
		return e
	}
	age := b.since(i, e.Uptime)
	if off := now.Sub(e.At) - age; off > 0 || off < -slewed {
		e.At = now.Add(-age)
	}
	return e
}
