package diagnose

import "github.com/gatemend/gatemend/detect"

// Real clients' errors made by nginx that make an incident of an endpoint which answers us:
// at least 5 in the last 60 s, or 5 % of at least 20 requests.
const (
	errorsToCount   = 5
	requestsToRate  = 20
	errorPercentage = 5
	window          = detect.Span(60_000_000)
)

// health is the state of the route, by what was asked and answered, never by lines.
func health(v *view) detect.Health {
	switch {
	case v.f.Dropped():
		return detect.Sick
	case v.idleColour() && v.clientsSuffer():
		return detect.Degraded
	case v.idleColour():
		return detect.Healthy
	case v.sick(v.f.Upstream) || v.sick(v.f.Public):
		return detect.Sick
	case !v.f.Upstream.Known() && v.workerShut():
		return detect.Sick
	case !v.f.Upstream.Healthy():
		return detect.Uncertain
	case v.clientsSuffer(), v.servedByStranger(), v.failsOutside():
		return detect.Degraded
	case v.f.Public.HealthyPublic(), !v.f.Public.Known() && !v.nobodyInFront():
		return detect.Healthy
	}
	return detect.Uncertain // the public endpoint answers, but nothing proves that nginx forwarded it
}

// nobodyInFront tells that the public endpoint could not be asked, and nginx is not there to answer.
func (v *view) nobodyInFront() bool {
	n := v.f.Nginx
	return v.lacks("public") && n != nil && n.Unit != nil && n.Master == nil && (n.Unit.Active == "inactive" || n.Unit.Active == "failed")
}

// idleColour tells a target that nobody misses: nginx sends the route elsewhere, and answers.
func (v *view) idleColour() bool { return v.f.Unrouted() && v.f.Public.Healthy() }

// sick tells an answer that was asked for and is not one.
func (v *view) sick(a *detect.Answer) bool { return a.Known() && !a.Healthy() }

// workerShut tells that nginx's worker was refused.
func (v *view) workerShut() bool {
	w := v.f.Worker
	return w != nil && w.Outcome != detect.Connected && w.Outcome != detect.NotAsked && w.Outcome != ""
}

// anyoneSick tells whether something was seen to fail, though not the endpoint itself.
func (v *view) anyoneSick() bool {
	return v.unit.Failed() || v.unit != nil && v.unit.Active == "inactive" || v.workerShut() || v.clientsSuffer() || v.servedByStranger() || v.nobodyInFront()
}

// servedByStranger tells that the route answers, but not by its unit: what clients get is another
// program's, and ends with it. Where a unit is only observed it may be so on purpose (a container's proxy).
func (v *view) servedByStranger() bool {
	_, strange := v.squatter()
	return strange && !v.f.Offline && v.f.Upstream.Healthy() && v.f.Route.Manage != detect.ManageObserve
}

func (v *view) clientsSuffer() bool {
	t := v.f.Traffic
	if t == nil || !t.Known || v.f.Offline {
		return false
	}
	enough := t.Nginx5xx >= errorsToCount && (t.Window <= window || t.LastError == 0 || t.LastError >= v.f.At.Add(-window))
	return enough || t.Requests >= requestsToRate && t.Nginx5xx*100 >= errorPercentage*t.Requests
}
