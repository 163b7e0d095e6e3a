package audit

import "github.com/gatemend/gatemend/detect"

// catchUp takes over the lines that only journald has: the agent ended before the disk took
// them. An intent among them was acted on, perhaps; forgotten, it would be a budget regained
// and a crash that nobody resolves. A line belongs behind the last one of the disk, by number
// and hash, or it does not count. They wait for the disk as they did before.
func (l *Log) catchUp(last detect.Time) {
	if l.opt.Kept == nil {
		return
	}
	for _, text := range l.opt.Kept(last) {
		r, err := decode(text)
		if err != nil || r.Seq != l.seq+1 || r.Prev != l.hash {
			continue
		}
		line := append(text[:len(text):len(text)], '\n')
		l.pending, l.waiting = append(l.pending, line), l.waiting+len(line)
		l.advance(r)
		l.latest.note(r, len(l.past.boots)-1, nil)
	}
	if len(l.pending) > 0 {
		l.retryLater()
	}
}
