package agent

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
	"github.com/gatemend/gatemend/policy"
)

// stallLimit: results in flight older than this are void. A machine that was suspended, or
// a clock that was set, makes "answered a moment ago" mean nothing.
const stallLimit = pulse.Slack

// reading is one moment on both clocks. Go's monotonic clock (CLOCK_MONOTONIC) stands still
// while the machine is suspended and does not jump when the wall clock is set; wall time does both.
type reading struct {
	wall time.Time     // without a monotonic part
	mono time.Duration // since an arbitrary start
}

var monotonicStart = time.Now()

// wall is the clock that can be set. Tests set it.
var wall = time.Now

func readClocks() reading {
	return reading{wall().Round(0), time.Since(monotonicStart)}
}

// voided tells that what began at start and ended at end, and was allowed to take allowed,
// cannot be trusted: the wall clock jumped or stood against the monotonic one, or our own
// loop did not run for longer than the limit.
func voided(start, end reading, allowed time.Duration) bool {
	mono := end.mono - start.mono
	jump := end.wall.Sub(start.wall) - mono
	return jump.Abs() > stallLimit || mono > allowed+stallLimit
}

// offset is how far the wall clock is from the time since boot, which counts suspended time too and
// cannot be set: a machine that slept keeps it.
type offset struct {
	boot string
	by   detect.Span
}

// step tells by how much the clock was set since the last call; what NTP slews is none.
func (o *offset) step(at detect.Time, boot string, uptime detect.Span) detect.Span {
	was := *o
	*o = offset{boot, detect.Span(at) - uptime}
	moved := o.by - was.by
	if boot == "" || was.boot != boot || moved.Duration().Abs() <= stallLimit {
		return 0
	}
	return moved
}

// noteClock moves the times of what is open along with a clock that was set: an outage is as long as
// it is, and whoever is to be told is told in time.
func (k *keeper) noteClock(ctx context.Context) {
	boot, uptime := k.Boot()
	by := k.offset.step(now(), boot, uptime)
	if by == 0 {
		return
	}
	k.log.Warn("the clock was set", "by", by.Duration())
	if k.approval != nil {
		k.over(ctx, "the clock was set: nobody knows how long it stands")
	}
	k.inc.Move(by)
	k.last.Move(by)
	shift(by, &k.startedAt, &k.lastOK, &k.recoveredAt)
	k.loadBaseline(ctx)
	k.recordState(ctx) // the next agent finds it by the clock as it is set now
}

// Move takes the incident along with a clock that was set by so much.
func (i *Incident) Move(by detect.Span) {
	shift(by, &i.FirstBad, &i.Noticed, &i.Acted, &i.FirstOK, &i.Recovered, &i.Since, &i.seenAt, &i.Told)
	i.Flaps.move(by)
}

func shift(by detect.Span, times ...*detect.Time) {
	for _, t := range times {
		if *t != 0 {
			*t = t.Add(by)
		}
	}
}

// clockEvery is how soon it is noticed that the clock was set.
const clockEvery = 30 * time.Second

// keepClock records that the clock was set. How old an action is after a reboot is read from what the
// record says of both clocks before it and after it.
func (a *Agent) keepClock(ctx context.Context) {
	beat := pulse.Begin(ctx, "the watch of the clock")
	defer beat.End()
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	var o offset
	for {
		boot, uptime := a.Boot()
		if by := o.step(now(), boot, uptime); by != 0 {
			done := beat.Enter("record", recordBound)
			a.record(ctx, RecordClock, "", "", "", ClockSet{At: now(), By: by})
			done()
		}
		select {
		case <-ctx.Done():
			return
		case answered := <-beat.Ping():
			close(answered)
		case <-tick.C:
		}
	}
}

// ago is how long ago an action of ours was, whatever the clock did within this boot.
func (k *keeper) ago(e policy.Entry) detect.Span {
	boot, uptime := k.Boot()
	return detect.Moment{At: now(), Boot: boot, Uptime: uptime}.Since(e.Moment())
}

// until is how long it is until then by the wall clock.
func until(t detect.Time) time.Duration { return t.Sub(now()).Duration() }

// moment is then on the clock that cannot be set.
func moment(t detect.Time) time.Time { return time.Now().Add(until(t)) }
