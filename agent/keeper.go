package agent

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
	"github.com/gatemend/gatemend/policy"
)

// keeper owns one route of one site. All fields but place, mail, pulse, served and view belong to
// its own goroutine.
type keeper struct {
	*Agent
	*Setup       // under which it keeps: see adopt
	place  place // never changes
	site   detect.Site
	route  detect.Route
	late   bool // it was not there when the agent started
	gone   bool // its route has left the configuration
	log    *slog.Logger

	mail   *mailbox
	pulse  *pulse.Pulse
	offset offset
	served atomic.Int64 // detect.Time of the last client's request answered below 500

	inc       Incident
	last      Incident // the one before, closed
	news      news
	asked     []*request
	wake      time.Time // when a waiting incident goes on
	baseline  *detect.Baseline
	turn      bool           // we hold a turn to act
	fresh     *look          // the look that led to Confirmed, used once
	facts     detect.Facts   // of the latest decision
	plan      plan           // what Acting carries out
	spent     bool           // the plan that a person asked for was carried out
	approval  *request       // stands: what it is for is not done yet
	approver  *request       // waits for the answer to it
	called    bool           // it was just given: look at once
	pending   []int64        // intents whose outcome the verifier has yet to tell
	crashed   []policy.Entry // of pending: begun by the agent before this one
	startedAt detect.Time    // of the action being verified, 0 if none
	fix       fix            // what a person would change
	telling   telling
	probes    probes

	lastOK      detect.Time // of the last answer known to be good
	recoveredAt detect.Time
	lookedAt    time.Time // last collect, for pacing
	unrouted    bool      // nginx sent nothing to the route's target then: an idle colour
	refusals    int
	would       string // what a rehearsal showed: not shown again until the facts change

	mu   sync.Mutex
	view View // for status
}

// plan is a case and its decision, and the setup and the turn-generation they were seen under.
type plan struct {
	c     policy.Case
	d     policy.Decision
	seen  uint64
	under *Setup
}

// move is a step's answer: where to go, and when to go on if not at once.
type move struct {
	to   State
	wait time.Duration // 0: go on at once
}

func newKeeper(a *Agent, n assignment) *keeper {
	p := place{n.site.Name, n.route.Path}
	k := &keeper{
		Agent: a, Setup: n.setup, place: p, site: n.site, route: n.route,
		mail: newMailbox(), pulse: pulse.New("the loop of " + p.site + p.route), log: a.Log.With("site", p.site, "route", p.route),
	}
	k.reset()
	return k
}

func (k *keeper) reset() {
	k.inc = Incident{Site: k.site.Name, Route: k.route.Path, State: Idle, Flaps: k.inc.Flaps}
	k.wake, k.refusals, k.would, k.pending, k.crashed, k.startedAt = time.Time{}, 0, "", nil, nil, 0
	k.fresh, k.facts, k.spent, k.approval = nil, detect.Facts{}, false, nil
	k.telling.reset()
	k.fix.close()
}

// run is the keeper's life: begin, then park until something happens, then walk the path
// until it has to wait again.
func (k *keeper) run(ctx context.Context) {
	defer k.fix.close()
	defer k.pulse.End()
	k.begin(ctx)
	for !k.gone && k.park(ctx) {
		k.attend(ctx)
	}
}

// attend reacts to whatever ended the park.
func (k *keeper) attend(ctx context.Context) {
	k.noteClock(ctx)
	if k.adopt(ctx); k.gone {
		return
	}
	k.noteRequests(ctx)
	if k.inc.State != Idle || k.suspect(ctx) {
		k.settle(ctx)
	}
	if k.gone {
		return
	}
	k.remind(ctx)
	k.answer()
	k.publish()
}

// settle walks the state machine until it has to wait.
func (k *keeper) settle(ctx context.Context) {
	defer k.giveTurnBack()
	for ctx.Err() == nil {
		if k.adopt(ctx); k.gone {
			return
		}
		m := k.step(ctx)
		k.noteClock(ctx) // before anything is dated by the clock as it is set now
		k.enter(ctx, m.to)
		k.news = news{}
		k.wake = time.Time{}
		if m.wait > 0 {
			k.wake = time.Now().Add(m.wait)
			return
		}
		if k.inc.State == Idle {
			return
		}
	}
}

// step does what the present state asks for.
func (k *keeper) step(ctx context.Context) move {
	switch k.inc.State {
	case Suspected:
		return k.confirm(ctx)
	case Confirmed:
		return k.decide(ctx)
	case Acting:
		return k.act(ctx)
	case Verifying:
		return k.verify(ctx)
	case Degraded:
		return k.degraded(ctx)
	case Escalated:
		return k.escalated(ctx)
	case Recovered:
		return move{to: Idle}
	}
	return move{to: k.inc.State, wait: longestWait}
}

// enter makes a transition. One that the table does not have is a fault of this program: it
// is reported and not made, so the incident stays where a person can see it.
func (k *keeper) enter(ctx context.Context, to State) {
	from := k.inc.State
	if from == to {
		return
	}
	if !from.May(to) {
		k.log.Error("illegal transition refused", "err", Illegal{from, to})
		k.record(ctx, RecordFault, k.inc.ID, k.site.Name, k.route.Path, Illegal{from, to}.Error())
		return
	}
	k.inc.State = to
	k.log.Info("incident", "id", k.inc.ID, "from", from, "to", to, "cause", k.inc.Diagnosis.Primary.Cause)
	k.entered(ctx, from)
}

// park waits for news, a timer or the end. It answers pings from the same select: a parked
// keeper is alive because it waits here, and only then.
func (k *keeper) park(ctx context.Context) bool {
	// The floor holds what a fault of this program could do: something due for ever would
	// spin. Triggers are not held up by it.
	timer := time.NewTimer(max(time.Until(k.due()), shortestWait))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case answered := <-k.pulse.Ping():
			close(answered)
		case <-k.mail.bell:
			k.news.add(k.mail.take())
			if left := k.tooSoon(); left > 0 {
				timer.Reset(min(left, max(time.Until(k.due()), shortestWait)))
				continue
			}
			return true
		case name := <-k.fix.changed:
			k.fix.touched(name)
			return true
		case <-timer.C:
			return true
		}
	}
}

// tooSoon is how long news may wait. An outage fills the logs; each look costs a few processes
// (journalctl, nginx -t), which the workers that just end, or boot, would have to do without: what only
// logs tell is looked at again after a second. What the unit or the socket does counts at once. While a
// person is needed the logs tell nothing new, and each request of ours that hangs is one more in
// gunicorn's queue: then the site is asked at its own pace.
func (k *keeper) tooSoon() time.Duration {
	onlyLogs := len(k.news.requests) == 0 && !k.mail.asked() && !slices.ContainsFunc(k.news.triggers, func(t detect.Trigger) bool {
		return !slices.Contains(logSensors, t.Sensor)
	})
	switch {
	case !onlyLogs:
		return 0
	case k.inc.State == Escalated:
		return time.Until(k.wake)
	case k.inc.State == Confirmed, k.inc.State == Suspected:
		return time.Until(k.lookedAt.Add(apart))
	}
	return 0
}

// linger is a short wait inside a stage.
func (k *keeper) linger(ctx context.Context, d time.Duration) {
	defer k.pulse.Enter("linger", d)()
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
