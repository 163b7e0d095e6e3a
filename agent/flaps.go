package agent

import (
	"context"
	"slices"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Flapping: from the fourth incident told within an hour on, a person hears "flapping"
// once, and then only reminders until the route has been calm for the recurrence window:
// of an incident that lasts, and of the flapping itself.
const (
	flapCount  = 4
	flapWindow = detect.Span(time.Hour / time.Microsecond)
)

// Flaps is what a person was told of a route that falls again and again. Each incident hands it on to
// the next, and with its record to the next agent.
type Flaps struct {
	Told     []detect.Time `json:"told,omitempty"`  // the first word of each of the newest incidents
	Since    detect.Time   `json:"since,omitempty"` // when it was known to flap; 0: it does not
	Calm     detect.Time   `json:"calm,omitempty"`  // when it will have been calm for long enough
	Reminded int           `json:"reminded,omitempty"`
}

// opened notes an incident that a person is told of; true when this is one too many.
func (f *Flaps) opened(at detect.Time) bool {
	var told []detect.Time // anew: records and status hold the old one
	for _, t := range f.Told {
		if at.Sub(t) <= flapWindow {
			told = append(told, t)
		}
	}
	told = append(told, at)
	f.Told = told[max(0, len(told)-flapCount):]
	return len(f.Told) >= flapCount
}

// due is when it is to be said that the route is calm; zero where it does not flap.
func (f *Flaps) due() time.Time {
	if f.Since == 0 {
		return time.Time{}
	}
	return moment(f.Calm)
}

// move takes the times along with a clock that was set.
func (f *Flaps) move(by detect.Span) {
	f.Told = slices.Clone(f.Told)
	for i := range f.Told {
		shift(by, &f.Told[i])
	}
	shift(by, &f.Since, &f.Calm)
}

// stillFlaps reminds of a route whose incidents are each too short for a reminder of their own: healed
// every few minutes all night, it would be told once.
func (k *keeper) stillFlaps(ctx context.Context) {
	f := &k.inc.Flaps
	ago := now().Sub(f.Since)
	if len(k.Remind) == 0 || ago < k.remindAfter(f.Reminded) {
		return
	}
	for f.Reminded++; k.remindAfter(f.Reminded) <= ago; {
		f.Reminded++
	}
	m := k.message(ToldStill)
	m.Did = "flapping for " + ago.Words() + "; " + m.Did
	k.send(ctx, m)
}

// calm says that the flapping is over, and puts it on record: the next agent does not say it again.
func (k *keeper) calm(ctx context.Context) {
	m := k.message(ToldHealed)
	m.Did = "calm for " + k.Settings.Recurrence.String() + " after flapping"
	if err := k.post(ctx, m); err != nil {
		k.log.Error("cannot send a message", "state", m.State, "err", err)
		k.inc.Flaps.Calm = now().Add(detect.For(sendAgain))
		return
	}
	k.last.Messages++
	k.inc.Flaps, k.last.Flaps = Flaps{}, Flaps{}
	k.record(ctx, RecordIncident, k.last.ID, k.site.Name, k.route.Path, k.last)
}

// flapped takes over what the agent before told. Calm counts from now: nobody watched meanwhile.
func (k *keeper) flapped(f Flaps) {
	if f.Since != 0 {
		f.Calm = now().Add(k.Settings.Recurrence)
	}
	k.inc.Flaps = f
}
