package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect/fault"
)

// plan is what happens in one step.
type plan struct {
	faults []breakage
	held   bool          // a person holds the site meanwhile
	slow   bool          // requests that take 20 s are in flight
	deploy bool          // somebody deploys right after
	shake  string        // a service that the agent stands on is restarted
	point  string        // the agent is killed at this fault point
	kill   time.Duration // or so long after the fault; 0: it is not
}

// draw makes a step of random numbers. Every number is drawn in any case, so that a table that grows
// changes the faults and nothing else.
func draw(r *rand.Rand, kind machine.Kind, kills bool) plan {
	k := wreckageOf(kind)
	p := plan{faults: []breakage{k.draw(r)}}
	second, two := k.draw(r), r.IntN(100) < 25
	p.slow, p.deploy, p.held = r.IntN(100) < 25, r.IntN(100) < 10, r.IntN(100) < 10
	shake, shaken := []string{"dbus", "systemd-journald", "nginx"}[r.IntN(3)], r.IntN(100) < 15
	points := []string{fault.BundleWritten, fault.RecordWritten, fault.IntentDurable, fault.EffectDone, fault.ResultRecorded, fault.BaseWritten}
	point, delay, how := points[r.IntN(len(points))], time.Duration(1+r.IntN(4000))*time.Millisecond, r.IntN(100)
	if two && second.name != p.faults[0].name {
		p.faults = append(p.faults, second)
	}
	if shaken {
		p.shake = shake
	}
	switch {
	case !kills:
	case how < 25:
		p.point = point
	case how < 50:
		p.kill = delay
	}
	return p
}

// draw prefers what the agent can mend: there is more that it can do wrong.
func (k wreckage) draw(r *rand.Rand) breakage {
	from, n := k.other, r.Uint64()
	if r.IntN(100) < 60 {
		from = k.mendable
	}
	return from[n%uint64(len(from))]
}

// ends tells that the agent may end.
func (p plan) ends() bool { return p.point != "" || p.kill > 0 }

func (p plan) String() string {
	var l []string
	for _, f := range p.faults {
		l = append(l, f.name)
	}
	text := strings.Join(l, " + ")
	if p.held {
		text += ", held"
	}
	if p.slow {
		text += ", slow requests in flight"
	}
	if p.shake != "" {
		text += ", " + p.shake + " restarted"
	}
	if p.deploy {
		text += ", a deploy"
	}
	if p.point != "" {
		text += fmt.Sprintf(", the agent killed at %q", p.point)
	}
	if p.kill > 0 {
		text += fmt.Sprintf(", the agent killed after %s", p.kill)
	}
	return text
}

// wreck carries the plan out. A script may fail because another fault was faster: what counts is what
// becomes of it.
func (w *watched) wreck(p plan) {
	run := func(script string) {
		ctx, cancel := context.WithTimeout(w.tb.Context(), time.Minute)
		defer cancel()
		if _, err := w.Shell(ctx, script); err != nil && ctx.Err() != nil {
			w.tb.Logf("did not end: %s", script)
		}
	}
	run("rm -f " + fault.File)
	if p.held {
		run("gatemend pause --for 30m --reason soak")
	}
	if p.slow {
		run(`for i in 1 2; do (curl -s -m 60 'http://shop.example.com/slow?s=20' >/dev/null 2>&1 &) ; done; sleep 0.2`)
	}
	if p.point != "" {
		w.arm("kill", p.point)
	}
	if p.kill > 0 { // in the machine, beside the faults: they take their time
		run(fmt.Sprintf(`systemd-run -q --on-active=%dms --timer-property=AccuracySec=1ms systemctl kill -s KILL gatemend.service`, p.kill.Milliseconds()))
	}
	for _, f := range p.faults {
		run(f.script)
	}
	if p.shake != "" {
		run("systemctl restart " + p.shake + " || true")
	}
	if p.deploy {
		run("touch /srv/shop/app.py; systemctl restart --no-block shop.service")
	}
}
