package agent

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// mostWatched bounds what is watched for one incident.
const mostWatched = 64

// fix watches what a person's fix would change, while an incident is escalated.
type fix struct {
	changed   chan string // nil while nothing is watched
	cancel    context.CancelFunc
	done      chan struct{}
	names     []string
	touchedAt time.Time // of the newest change that was not used up
	lastStart time.Time // of the last start owed to a change
}

func (f *fix) touched(string) { f.touchedAt = time.Now() }

// again keeps a settled change for the next look.
func (f *fix) again() { f.touchedAt = time.Now() }

// ready tells that something changed, has been quiet since, and may be used up now.
// It uses the change up: one start per settled change.
func (f *fix) ready(quiet time.Duration) bool {
	if f.touchedAt.IsZero() || time.Since(f.touchedAt) < quiet || !f.mayStart() {
		return false
	}
	f.touchedAt = time.Time{}
	return true
}

// mayStart holds starts owed to changes at least two minutes apart.
func (f *fix) mayStart() bool { return sinceTime(f.lastStart) >= mendGap }

// due is when a change will have settled; zero when there is none.
func (f *fix) due(quiet time.Duration) time.Time {
	if f.touchedAt.IsZero() {
		return time.Time{}
	}
	due := f.touchedAt.Add(quiet)
	if gap := f.lastStart.Add(mendGap); gap.After(due) {
		return gap
	}
	return due
}

// close ends the watch and forgets its changes. The time of the last start is kept.
func (f *fix) close() {
	if f.cancel != nil {
		f.cancel()
		<-f.done
	}
	*f = fix{lastStart: f.lastStart}
}

// watchFix watches what the diagnosis says a fix would change, and the unit's own files.
func (k *keeper) watchFix(ctx context.Context) {
	names := watched(k.inc.Diagnosis, k.facts.Unit, k.baseline)
	if k.fix.cancel != nil && slices.Equal(names, k.fix.names) {
		return
	}
	touched := k.fix.touchedAt
	k.fix.close()
	if len(names) == 0 {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	f := &k.fix
	f.names, f.cancel, f.touchedAt = names, cancel, touched
	f.changed, f.done = make(chan string, 1), make(chan struct{})
	go func(changed chan<- string, done chan<- struct{}) {
		defer close(done)
		if err := k.Watcher.Watch(ctx, names, changed); err != nil && ctx.Err() == nil {
			k.log.Warn("cannot watch what a fix would change: looking every 30 s instead", "err", err)
		}
	}(f.changed, f.done)
}

// watched are the names: the baseline's too, since a unit that is masked or gone names no file.
func watched(d detect.Diagnosis, u *detect.Unit, b *detect.Baseline) []string {
	names := slices.Clone(d.Primary.Watch)
	for _, a := range d.Also {
		names = append(names, a.Watch...)
	}
	if u != nil {
		names = append(append(names, u.Fragment), u.DropIns...)
		for _, e := range u.EnvFiles {
			names = append(names, strings.TrimPrefix(e, "-"))
		}
	}
	if b != nil {
		names = slices.AppendSeq(names, maps.Keys(b.Files))
	}
	names = slices.DeleteFunc(names, func(n string) bool { return n == "" })
	slices.Sort(names)
	names = slices.Compact(names)
	return names[:min(len(names), mostWatched)]
}
