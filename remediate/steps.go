package remediate

import "github.com/gatemend/gatemend/policy"

// step is a request without its address.
type step struct {
	verb Effect
	on   On
}

// steps is what each remedy is made of, in order. A verb that is not here does nothing.
var steps = map[policy.Verb][]step{
	policy.StartUnit:           {{Start, OnUnit}},
	policy.StartSocket:         {{Start, OnSocket}},
	policy.RestartUnit:         {{Restart, OnUnit}},
	policy.RestartSocket:       {{Restart, OnSocket}},
	policy.ResetFailedStart:    {{ResetFailed, OnUnit}, {Start, OnUnit}},
	policy.DaemonReloadRestart: {{DaemonReload, OnUnit}, {Restart, OnUnit}},
	policy.EndLeftoversRestart: {{EndLeftovers, OnUnit}, {Restart, OnUnit}},
	policy.FixSocketMode:       {{SetMode, OnSocket}},
	policy.FixDirMode:          {{SetMode, OnDir}},
	policy.StartNginx:          {{Start, OnNginx}},
	policy.ReloadNginx:         {{Reload, OnNginx}},
}

// Steps are the effects of an action, in order; none for wait, none and unknown verbs.
func Steps(a policy.Action) []Request {
	var out []Request
	for _, s := range steps[a.Verb] {
		if s.verb == Start && s.on == OnUnit && a.Socket != "" {
			out = append(out, Request{Verb: Start, Site: a.Site, Route: a.Route, On: OnSocket})
		}
		r := Request{Verb: s.verb, Site: a.Site, Route: a.Route, On: s.on}
		if s.verb == SetMode {
			r.Mode, r.Group = a.Mode, a.Group
		}
		out = append(out, r)
	}
	return out
}
