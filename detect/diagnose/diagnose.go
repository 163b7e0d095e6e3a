package diagnose

import (
	"fmt"

	"github.com/gatemend/gatemend/detect"
)

// rule is one way to establish one cause.
type rule struct {
	name string
	look func(*view) (*finding, string) // nil and why not, or what was found
}

// ask is the rule's answer. One that panics establishes nothing, and the trace says so: no line that an app can
// write may end the agent, which would be started over it again and again.
func (r rule) ask(v *view) (f *finding, why string, failed bool) {
	defer func() {
		if p := recover(); p != nil {
			f, why, failed = nil, fmt.Sprintf("the rule failed, which is a fault of gatemend: %v", p), true
		}
	}()
	f, why = r.look(v)
	return f, why, false
}

// Diagnose names what is wrong with the route that the facts are about. It always answers;
// where no rule holds and something is wrong, the primary cause is detect.Unknown.
func Diagnose(f detect.Facts) detect.Diagnosis {
	v := newView(&f)
	d := detect.Diagnosis{Health: health(v)}
	var found []*finding
	incomplete := false
	for _, r := range rules {
		got, why, failed := r.ask(v)
		incomplete = incomplete || failed
		if got != nil {
			limit(v, got)
			found = append(found, got)
			why = string(got.Cause) + ": " + got.why()
		}
		d.Trace = append(d.Trace, detect.Step{Rule: r.name, Held: got != nil, Why: why})
	}
	found = append(found, noted(v, found)...)
	if incomplete { // what was not looked at may be what forbids to act
		for _, f := range found {
			f.Confidence = min(f.Confidence, detect.ActAt-1)
		}
	}
	others, why := otherwise(v, found)
	d.Trace = append(d.Trace, detect.Step{Rule: "alternatives", Held: len(others) > 0, Why: why})
	conclude(v, &d, resolve(append(found, others...)))
	pasteable(f, &d)
	return d
}

// conclude puts the findings into the diagnosis as the state of health asks for.
func conclude(v *view, d *detect.Diagnosis, found []detect.Finding) {
	switch {
	case d.Health == detect.Healthy:
		d.Also = found // what is wrong beside an answer that is right: a stale unit, a bad file on disk
		return
	case len(found) > 0 && found[0].Confidence >= likely:
		d.Primary, d.Also = found[0], found[1:]
		if d.Health == detect.Uncertain && v.f.Offline {
			d.Health = detect.Sick
		}
		return
	case d.Health == detect.Uncertain && !v.f.Offline && !v.anyoneSick():
		d.Also = found
		return
	}
	d.Primary, d.Also = v.unknown(), found
}

// likely is the confidence from which a finding is named as the cause.
const likely detect.Confidence = 40

// unknown is the honest answer: everything seen, nothing guessed.
func (v *view) unknown() detect.Finding {
	f := found(detect.Unknown, 0)
	if l, ok := v.refusedElsewhere(); ok {
		f.line(l).advise("nginx goes to %[1]s for these requests, and nobody listens there: ss -ltnp; grep -rn %[1]s /etc/nginx", target(l))
	}
	if v.passesByVariable() && v.misled() {
		f.advise("proxy_pass%s goes by a variable, and the unit answers on %s: grep -n 'upstream: ' /var/log/nginx/error.log | tail -3   # where nginx went", at(v.proxyWhere()), v.f.Route.Target)
	}
	for _, e := range v.seen() {
		f.because(e.Fact, "%s", e.Text)
	}
	if u := v.unit; u != nil {
		f.about("unit", u.Name)
		f.advise("systemctl status %s; journalctl -u %s -n 50 --no-pager", u.Name, u.Name)
	} else if v.f.Offline {
		f.advise("these lines name no cause; with nginx's and the unit's of the same minutes: (tail -n 50 /var/log/nginx/error.log; journalctl -u %s -n 50 --no-pager) | gatemend explain", v.unitOr())
	}
	if v.starting() {
		f.about(detect.SubjectStarting, "yes")
	}
	return f.Finding
}
