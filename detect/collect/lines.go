package collect

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/journal"
	"github.com/gatemend/gatemend/detect/signature"
)

// How far back logs are read.
const (
	window = 15 * time.Minute // unless the unit has been down for longer
	margin = time.Minute      // before the unit's last start or stop: what led to it
)

// Entries read of one unit; the newest count. A crash loop writes some 30 a second.
const mostEntries = 2000

// from is the moment from which lines speak of the present: the last quarter of an hour, or the last
// life of a unit that has been down for longer; never from before the collector was told.
func (s *snapshot) from(u *detect.Unit) detect.Time {
	from := s.at().Add(-detect.For(window))
	if u != nil && !u.Running() {
		for _, t := range []detect.Time{u.ExecStart, u.InactiveExit, u.InactiveEnter} {
			if t != 0 {
				from = min(from, t.Add(-detect.For(margin)))
			}
		}
	}
	return max(from, s.Since)
}

func (s *snapshot) at() detect.Time { return detect.At(s.now()) }

// journalOfUnit reads what the journal tells of the unit: lines, the last stop, and starts within the
// span of its start limit, which may begin before the lines do.
func (s *snapshot) journalOfUnit(ctx context.Context, known detect.Facts) (change, error) {
	u := known.Unit
	if u == nil {
		return nil, nil
	}
	from, span := s.from(u), limitSpan(u)
	entries, err := s.journal(ctx, u.Name, min(from, s.at().Add(-span)), mostEntries)
	lines := perLife(after(entries, from), u.ExecStart)
	stop, starts := journal.Stops(u.Name, entries), journal.Starts(u.Name, entries, s.at(), span)
	if u.Running() {
		stop = nil
	}
	if s.route.Socket != "" && err == nil {
		var more []journal.Entry
		more, err = s.journal(ctx, s.route.Socket, from, mostEntries)
		lines = append(lines, signature.FromJournal(more)...)
	}
	return func(f *detect.Facts) {
		f.Lines, f.Stop, f.Start = append(f.Lines, lines...), stop, starts
	}, err
}

// perLife reads the last life of the unit apart from those before it: repeats are folded and
// counted, and a count over several lives would be a loop of booting workers.
func perLife(entries []journal.Entry, start detect.Time) []detect.Line {
	last := after(entries, start)
	return append(signature.FromJournal(entries[:len(entries)-len(last)]), signature.FromJournal(last)...)
}

// limitSpan is the unit's StartLimitInterval, at most a day: more is not read back.
func limitSpan(u *detect.Unit) detect.Span {
	return min(u.StartLimitSpan, detect.For(24*time.Hour))
}

func after(entries []journal.Entry, from detect.Time) []journal.Entry {
	i, _ := slices.BinarySearchFunc(entries, from, func(e journal.Entry, t detect.Time) int { return cmp.Compare(e.At, t) })
	return entries[i:]
}

// journalOfNginx tells why nginx is down; while it runs, its error log does.
func (s *snapshot) journalOfNginx(ctx context.Context, known detect.Facts) (change, error) {
	n := known.Nginx
	if n == nil || n.Unit == nil || n.Unit.Running() {
		return nil, nil
	}
	entries, err := s.journal(ctx, n.Unit.Name, s.from(n.Unit), mostEntries)
	stop, lines := journal.Stops(n.Unit.Name, entries), signature.FromJournal(entries)
	set := front(func(n *detect.Nginx) { n.Stop = stop })
	return func(f *detect.Facts) {
		set(f)
		f.Lines = append(f.Lines, lines...)
	}, err
}

// logLines are those of log files: nginx's error log, the app's own. Without somebody who follows them,
// the ends of the files are read.
func (s *snapshot) logLines(_ context.Context, known detect.Facts) (change, error) {
	from := s.from(known.Unit)
	if s.Lines != nil {
		lines := s.Lines(s.site.Name, from)
		return func(f *detect.Facts) { f.Lines = append(f.Lines, lines...) }, nil
	}
	lines, err := s.ends(known, from)
	return func(f *detect.Facts) { f.Lines = append(f.Lines, lines...) }, err
}

// kernelOfDeath asks the kernel's lines beside all else where the unit was killed; kernelLines, once all
// else is known, where something else was killed, or denied.
func (s *snapshot) kernelOfDeath(ctx context.Context, known detect.Facts) (change, error) {
	if !killed(known.Unit) {
		return nil, nil
	}
	return s.kernelSays(ctx, known)
}

func (s *snapshot) kernelLines(ctx context.Context, known detect.Facts) (change, error) {
	if killed(known.Unit) || !kernelMayTell(known) {
		return nil, nil
	}
	return s.kernelSays(ctx, known)
}

func (s *snapshot) kernelSays(ctx context.Context, known detect.Facts) (change, error) {
	entries, err := s.kernel(ctx, s.from(known.Unit), mostEntries)
	lines := signature.FromJournal(entries)
	return func(f *detect.Facts) { f.Lines = append(f.Lines, lines...) }, err
}

func killed(u *detect.Unit) bool {
	return u != nil && (u.Result == "oom-kill" || u.Result == "signal" || u.Result == "core-dump")
}

func kernelMayTell(f detect.Facts) bool {
	if w := f.Worker; w != nil && w.Outcome == detect.Denied {
		return true
	}
	return killed(f.Unit) || slices.ContainsFunc(f.Lines, func(l detect.Line) bool {
		return l.Errno == 13 || l.Event == detect.EventWorkerKilled || l.Event == detect.EventUnitOOM || l.Event == detect.EventBindFailed
	})
}

// whoStopped asks sudo's lines, for a stop that somebody asked for.
func (s *snapshot) whoStopped(ctx context.Context, known detect.Facts) (change, error) {
	stop := known.Stop
	if stop == nil || !stop.ByJob {
		return nil, nil
	}
	who := s.who(ctx, known.Unit.Name, stop.At)
	return func(f *detect.Facts) {
		told := *stop
		told.Who = detect.Clean(who)
		f.Stop = &told
	}, nil
}

// inOrder puts lines of all sources in the order of time; one without a time follows the line that it
// stands behind.
func inOrder(lines []detect.Line) []detect.Line {
	type timed struct {
		at   detect.Time
		line detect.Line
	}
	all := make([]timed, len(lines))
	var last detect.Time
	for i, l := range lines {
		if l.At != 0 {
			last = l.At
		}
		all[i] = timed{last, l}
	}
	slices.SortStableFunc(all, func(a, b timed) int { return cmp.Compare(a.at, b.at) })
	for i := range all {
		lines[i] = all[i].line
	}
	return lines
}
