package audit

import (
	"encoding/json"
	"os"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/fault"
)

// rotated is the data of a [KindRotate] record.
type rotated struct {
	Oldest int64 `json:"oldest"` // first record that is still kept
}

// rotate begins a new segment, whose first record carries the chain on and says from where
// the log is kept; only then do old segments go. A disk that does not take a new file and
// its reserve leaves us with the old one, which has its own.
func (l *Log) rotate() {
	old, size, allocated := l.file, l.size, l.allocated
	if err := l.create(l.seq + 1); err != nil {
		l.file, l.size, l.allocated = old, size, allocated
		return
	}
	fault.Reach(fault.SegmentMade)
	if l.topUp(0) != nil {
		l.file.Close()
		_ = os.Remove(l.file.Name()) // empty, and without a reserve
		l.file, l.size, l.allocated = old, size, allocated
		return
	}
	_ = old.Truncate(size) // gives back what was allocated behind its end; more disk is used otherwise, no harm
	old.Close()
	drop := l.expired()
	if len(drop) > 0 {
		l.oldest = drop[len(drop)-1].next
	}
	data, _ := json.Marshal(rotated{l.oldest}) // one number
	if _, err := l.append(&Record{Kind: KindRotate, Data: data}); err != nil {
		return // what is not recorded is not removed
	}
	fault.Reach(fault.RotateRecorded)
	for _, s := range drop {
		_ = os.Remove(s.path) // tried again at the next rotation
	}
}

// expiring is a segment that may go, with the first record of the one behind it.
type expiring struct {
	segment
	next int64
}

// expired are the oldest segments that are too old or too much, but for those that hold
// something of the longest budget's window: restraint is read back from here.
func (l *Log) expired() []expiring {
	segs, err := segments(l.dir)
	if err != nil {
		return nil
	}
	var total int64
	for _, s := range segs {
		total += s.size
	}
	var out []expiring
	now := l.opt.Now()
	for i := 0; i < len(segs)-1; i++ {
		began, ok := firstAt(segs[i+1].path) // the next one's first record: all of this one is older
		old := ok && now.Sub(began) > l.opt.KeepTime
		if !ok || now.Sub(began) <= l.opt.Window || !old && total <= l.opt.KeepBytes {
			break
		}
		total -= segs[i].size
		out = append(out, expiring{segs[i], segs[i+1].first})
	}
	return out
}

func firstAt(path string) (detect.Time, bool) {
	for l := range lines(path) {
		return l.record.At, l.record.Seq > 0
	}
	return 0, false
}
