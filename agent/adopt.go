package agent

import (
	"context"
	"slices"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// adopt takes a new setup over. It is asked between two steps only: what a step has begun it ends
// under the setup that it began with.
func (k *keeper) adopt(ctx context.Context) {
	n := k.mail.assigned()
	switch {
	case n == nil:
		return
	case n.gone:
		k.leave(ctx)
		return
	}
	moved := k.Fingerprint(n.site) != k.Fingerprint(k.site)
	if k.Settings.Mode != n.setup.Settings.Mode {
		k.would = "" // what was only shown may be done now, and the other way round
	}
	k.Setup, k.site, k.route = n.setup, n.site, n.route
	k.lookedAt = time.Time{} // whatever waits is looked at and decided again
	if next := time.Now().Add(k.site.Probe.Every.Duration()); k.probes.next.After(next) {
		k.probes.next = next
	}
	if moved {
		k.relocate(ctx)
	}
	if k.inc.Told != 0 {
		k.scheduleReminder()
	}
}

// relocate forgets what was seen of a site that is now somewhere else, or asked in another way. An
// open incident stays open, and is looked at where the site is now.
func (k *keeper) relocate(ctx context.Context) {
	k.loadBaseline(ctx)
	k.fresh, k.unrouted, k.inc.Seen = nil, false, 0
	k.served.Store(0)
	k.probes.refresh = time.Now()
	k.fix.close()
	if k.inc.State == Idle {
		k.news.triggers = append(k.news.triggers, detect.Trigger{
			At: now(), Site: k.place.site, Sensor: sensorStart, Why: "the configuration of the site changed",
		})
	}
}

// leave ends a keeper whose route has left the configuration. Its incident is over without a proof,
// and what it had begun is paid for.
func (k *keeper) leave(ctx context.Context) {
	k.gone = true
	k.judge(ctx, policy.Inconclusive, Proof{Why: "the route left the configuration before it was proven healthy"})
	if k.inc.ID != "" && k.inc.State != Recovered {
		k.enter(ctx, Dropped)
	}
	k.sick.clear(k.place.site, k.place.route)
	waiting := slices.Concat(k.asked, k.news.requests, k.mail.close())
	if k.approver != nil {
		waiting = append(waiting, k.approver)
	}
	for _, q := range waiting {
		q.tell(k.left())
	}
	k.asked, k.news.requests, k.approver = nil, nil, nil
}

// left is the answer to whoever asks for a route that is no longer kept.
func (k *keeper) left() Result {
	return Result{Site: k.place.site, Route: k.place.route, State: Dropped, Waits: "the route has left the configuration"}
}

// assignment is what the present setup says of the keeper's route. Any goroutine may ask.
func (k *keeper) assignment() assignment {
	s := k.setup.Load()
	if _, all := s.assignments(); all[k.place] != nil {
		return *all[k.place]
	}
	return assignment{setup: s, site: detect.Site{Name: k.place.site}, route: detect.Route{Path: k.place.route}} // it has just left
}
