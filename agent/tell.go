package agent

import (
	"context"
	"slices"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// sendAgain is when a message is tried again that could not even be stored.
const sendAgain = 30 * time.Second

// telling is what a person has been told of this route.
type telling struct {
	next  time.Time // the next reminder, or the next try; zero: none
	retry *Message  // that could not be stored
	spoke bool      // of the present incident
}

// reset ends an incident's reminders; a message that still could not be stored stays due.
func (t *telling) reset() {
	t.spoke = false
	if t.retry == nil {
		t.next = time.Time{}
	}
}

// tellEscalated tells once for each cause of an incident.
func (k *keeper) tellEscalated(ctx context.Context) {
	state := ToldSick
	if k.would != "" {
		state = ToldWould
	}
	if k.inc.Told == 0 || k.inc.ToldOf != k.inc.Diagnosis.Primary.Cause || k.asksAnew() {
		k.tell(ctx, state)
	}
}

func (k *keeper) tellOnce(ctx context.Context, state string) {
	if k.inc.Told == 0 {
		k.tell(ctx, state)
	}
}

// tell sends one message, unless another route speaks for the shared cause or the route is
// known to flap. The schedule of reminders begins with the first. What was told is on record: the
// next agent does not tell it again, and goes on counting.
func (k *keeper) tell(ctx context.Context, state string) {
	defer k.recordState(ctx)
	cause := k.inc.Diagnosis.Primary.Cause
	first := k.inc.Told == 0
	if first {
		k.inc.Told = now()
	}
	k.inc.ToldOf = cause
	if k.inc.Asks() != "" {
		k.inc.ToldAsk = planned(*k.inc.Decision)
	}
	k.scheduleReminder()
	if state != ToldHealed && !k.sick.speaks(k.site.Name, k.route.Path, cause) {
		return
	}
	f := &k.inc.Flaps
	f.Calm = now().Add(k.Settings.Recurrence)
	if first && state != ToldHealed && f.opened(now()) && f.Since == 0 {
		f.Since, f.Reminded = now(), 0
		state = ToldFlapping
	} else if f.Since != 0 && state != ToldStill {
		if state != ToldHealed {
			k.stillFlaps(ctx)
		}
		return
	}
	k.telling.spoke = true
	if !first && k.inc.Messages == 0 && state != ToldHealed { // until now another spoke for this route
		k.inc.Told, k.inc.Reminders = now(), 0
		k.scheduleReminder()
	}
	k.send(ctx, k.message(state))
}

// send makes the message durable; one that cannot be stored is tried again.
func (k *keeper) send(ctx context.Context, m Message) {
	if late := k.telling.retry; late != nil && late.Incident != m.Incident && k.post(ctx, *late) == nil {
		k.telling.retry = nil // of the incident before: first things first
	}
	if err := k.post(ctx, m); err != nil {
		k.log.Error("cannot send a message", "state", m.State, "err", err)
		k.telling.retry, k.telling.next = &m, time.Now().Add(sendAgain)
		return
	}
	if k.inc.ID == "" {
		k.last.Messages++
		return
	}
	k.inc.Messages++
}

// post sends and records a message.
func (a *Agent) post(ctx context.Context, m Message) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordBound)
	defer cancel()
	m.Hold = a.heldNow(ctx, m.Site)
	if err := a.Notifier.Send(ctx, m); err != nil {
		return err
	}
	a.record(ctx, RecordMessage, m.Incident, m.Site, m.Route, m)
	return nil
}

// scheduleReminder: the times count from the first message; the last one repeats.
func (k *keeper) scheduleReminder() {
	k.telling.next = time.Time{}
	if len(k.Remind) > 0 {
		k.telling.next = moment(k.reminder(k.inc.Reminders))
	}
}

// reminder is when the nth is due, from 0 on.
func (k *keeper) reminder(n int) detect.Time { return k.inc.Told.Add(k.remindAfter(n)) }

// remindAfter is how long after the first word the nth reminder is due: the last time repeats.
func (k *keeper) remindAfter(n int) detect.Span {
	last := len(k.Remind) - 1
	return k.Remind[min(n, last)] * detect.Span(max(1, n-last+1))
}

// reminded counts a reminder, and those that fell due while the machine slept or no agent ran: one
// stands for all of them.
func (k *keeper) reminded() {
	for k.inc.Reminders++; k.reminder(k.inc.Reminders) <= now(); {
		k.inc.Reminders++
	}
}

// remind tells what is due: an incident that waits and was not told yet, a reminder, or the
// end of flapping. So nothing is silent for good.
func (k *keeper) remind(ctx context.Context) {
	at := time.Now()
	switch due := k.tellDue(); {
	case due.IsZero() || at.Before(due):
	case k.telling.retry != nil:
		m := *k.telling.retry
		if m.Incident == k.inc.ID { // as it stands now
			m = k.message(m.State)
		}
		k.scheduleReminder()
		k.telling.retry = nil
		k.send(ctx, m)
	case k.inc.State == Idle:
		k.calm(ctx)
	case k.inc.Told == 0:
		k.tell(ctx, ToldWaiting)
	default:
		k.reminded()
		k.tell(ctx, ToldStill)
	}
}

// tellDue is when remind has something to say; zero: never.
func (k *keeper) tellDue() time.Time {
	switch {
	case k.inc.State == Idle && k.telling.retry == nil:
		return k.inc.Flaps.due()
	case k.inc.Told == 0 && k.inc.State == Confirmed:
		return k.untoldUntil()
	}
	return k.telling.next
}

// untoldUntil is how long an incident may wait before a person hears of it: a minute
// (operator_stop.tell), or as long as a start is given its grace and systemd its own turn.
func (k *keeper) untoldUntil() time.Time {
	until := k.inc.Noticed.Add(k.Settings.OperatorStop.Tell)
	if d := k.inc.Decision; d != nil {
		for _, r := range d.Refusals {
			if slices.Contains([]policy.Code{policy.StartGrace, policy.SystemdFirst, policy.PersonStopped}, r.Code) {
				until = max(until, r.Until.Add(detect.For(secondLook)))
			}
		}
	}
	latest := k.inc.Noticed.Add(detect.For(longestGrace))
	return moment(min(until, latest))
}

// longestGrace is the longest start grace there is (promise 15), and a minute.
const longestGrace = 11 * time.Minute
