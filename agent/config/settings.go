package config

import (
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// config reads the whole file on top of the defaults.
func (r *reader) config(n *node, c *Config) {
	p := &c.Policy
	r.group(n, "the file",
		field{"mode", func(n *node) { word(r, n, "mode", &p.Mode, policy.ModeDryRun, policy.ModeAct) }},
		field{"limits", func(n *node) { r.limits(n, &p.Limits) }},
		field{"cooldown", func(n *node) { r.cooldown(n, &p.Cooldown) }},
		field{"recurrence", func(n *node) { r.span(n, "recurrence", &p.Recurrence, minute, 7*day) }},
		field{"verify", func(n *node) { r.verify(n, &c.Verify) }},
		field{"remind", func(n *node) { r.remind(n, &c.Remind) }},
		field{"quiet", func(n *node) { r.quiet(n, &p.Quiet) }},
		field{"operator_stop", func(n *node) { r.operatorStop(n, &p.OperatorStop) }},
		field{"start_grace", func(n *node) { r.startGrace(n, &p.StartGrace) }},
		field{"notify", func(n *node) { r.notify(n, &c.Notify) }},
		field{"ladders", func(n *node) { r.ladders(n, p) }},
		field{"sites", func(n *node) { r.sites(n, c) }},
	)
}

func (r *reader) limits(n *node, l *policy.Limits) {
	r.group(n, "limits",
		field{"restarts_per_site", func(n *node) { r.rate(n, "restarts_per_site", &l.RestartsPerSite) }},
		field{"restarts_per_site_day", func(n *node) { r.count(n, "restarts_per_site_day", &l.RestartsPerSiteDay, 0, 1000) }},
		field{"restarts_per_host", func(n *node) { r.rate(n, "restarts_per_host", &l.RestartsPerHost) }},
		field{"reloads_nginx", func(n *node) { r.rate(n, "reloads_nginx", &l.ReloadsNginx) }},
		field{"parallel", func(n *node) { r.count(n, "parallel", &l.Parallel, 1, 8) }},
		field{"gap", func(n *node) { r.span(n, "gap", &l.Gap, 0, hour) }},
	)
}

func (r *reader) cooldown(n *node, b *policy.Backoff) {
	r.group(n, "cooldown",
		field{"first", func(n *node) { r.span(n, "cooldown first", &b.First, second, day) }},
		field{"factor", func(n *node) { r.count(n, "cooldown factor", &b.Factor, 1, 10) }},
		field{"max", func(n *node) { r.span(n, "cooldown max", &b.Max, second, 7*day) }},
	)
	if n.kind == mapping && b.Max < b.First {
		r.wrong(n, formatSpan(b.First)+" or more as max", "cooldown max %s is shorter than first %s", formatSpan(b.Max), formatSpan(b.First))
	}
}

func (r *reader) verify(n *node, v *Verify) {
	r.group(n, "verify",
		field{"passes", func(n *node) { r.count(n, "verify passes", &v.Passes, 1, 100) }},
		field{"over", func(n *node) { r.span(n, "verify over", &v.Over, 0, 10*minute) }},
	)
}

// remind reads rising times; the last is repeated, so an empty list means no reminders.
func (r *reader) remind(n *node, to *[]detect.Span) {
	out := []detect.Span{}
	for _, item := range r.texts(n, "remind") {
		var s detect.Span
		before := len(r.problems)
		r.span(item, "remind", &s, minute, 30*day)
		if len(r.problems) > before {
			continue
		}
		if len(out) > 0 && s <= out[len(out)-1] {
			r.wrong(item, "rising times, such as [15m, 1h, 4h, 24h]", "remind %s is not after %s", item.text, formatSpan(out[len(out)-1]))
			continue
		}
		out = append(out, s)
	}
	*to = out
}

func (r *reader) quiet(n *node, q *policy.QuietTimes) {
	r.group(n, "quiet",
		field{"after_change", func(n *node) { r.span(n, "quiet after_change", &q.AfterChange, second, hour) }},
		field{"nginx", func(n *node) { r.span(n, "quiet nginx", &q.Nginx, second, hour) }},
		field{"package_lock_max", func(n *node) { r.span(n, "quiet package_lock_max", &q.PackageLockMax, minute, day) }},
	)
}

func (r *reader) operatorStop(n *node, o *policy.OperatorStop) {
	r.group(n, "operator_stop",
		field{"tell", func(n *node) { r.span(n, "operator_stop tell", &o.Tell, second, day) }},
		field{"start_after", func(n *node) {
			if n.text == "never" {
				o.StartAfter = detect.Forever
				return
			}
			r.span(n, "operator_stop start_after (a time, or never)", &o.StartAfter, minute, 30*day)
		}},
	)
}

// startGrace reads auto (0, see policy.Settings) or a time.
func (r *reader) startGrace(n *node, to *detect.Span) {
	if n.text == "auto" {
		*to = 0
		return
	}
	r.span(n, "start_grace (a time, or auto)", to, second, hour)
}
