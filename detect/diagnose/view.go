package diagnose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

const second = detect.Span(1_000_000)

// view is the facts with what several rules ask of them.
type view struct {
	f      *detect.Facts
	unit   *detect.Unit
	events map[detect.Event][]detect.Line // the app's and nginx's, those that are about this outage
	nginx  map[detect.Event][]detect.Line // PID 1's about nginx's own unit
}

func newView(f *detect.Facts) *view {
	v := &view{f: f, unit: f.Unit, events: map[detect.Event][]detect.Line{}, nginx: map[detect.Event][]detect.Line{}}
	since, tried := v.since(), v.nginxTried()
	for _, l := range f.Lines {
		from := since
		if tried != 0 && ofConfig[l.Event] {
			from = tried
		}
		switch {
		case l.At != 0 && before(l, from) && !f.Offline:
		case isNginxUnit(l.Attr["unit"]) && l.Source != detect.FromNginxError:
			v.nginx[l.Event] = append(v.nginx[l.Event], l)
		default:
			v.events[l.Event] = append(v.events[l.Event], l)
		}
	}
	return v
}

// ofConfig are nginx's words on its configuration, when it starts, reloads or is tested.
var ofConfig = map[detect.Event]bool{detect.EventNginxConfInvalid: true, detect.EventNginxTestFailed: true, detect.EventHostNotFound: true}

// nginxTried is when an nginx that is down began its last start: what it says of its configuration from then
// on is why it is down, whatever became of the app since. 0 while it runs.
func (v *view) nginxTried() detect.Time {
	n := v.f.Nginx
	if n == nil || n.Master != nil || n.Unit == nil {
		return 0
	}
	return n.Unit.InactiveExit
}

// before tells a line that was written before then. nginx writes whole seconds: a request that failed
// just after a start may bear a time from just before it.
func before(l detect.Line, since detect.Time) bool {
	if l.Source == detect.FromNginxError {
		since -= since % detect.Time(second)
	}
	return l.At < since
}

func isNginxUnit(unit string) bool {
	return strings.HasPrefix(unit, "nginx") || strings.HasPrefix(unit, "openresty")
}

// since is the time from which lines speak of the present outage: the last start; a little
// before it while that start has not come to an end of its own; and nothing from before a request
// was answered. What an earlier life said is no reason for the end of a later one: the app was
// changed in between, or gunicorn 20.1 raised FileNotFoundError on a stop, its socket being gone.
func (v *view) since() detect.Time {
	var t detect.Time
	if u := v.unit; u != nil {
		t = max(u.ExecStart, v.began())
		if !u.Running() && t != 0 && max(u.ExecExit, u.InactiveEnter) < t {
			t = t.Add(-60 * second)
		}
	}
	if t == 0 && v.f.At != 0 {
		t = v.f.At.Add(-600 * second)
	}
	if tr := v.f.Traffic; tr != nil && tr.LastAnswer > t && !v.f.Upstream.Healthy() {
		t = min(tr.LastAnswer.Add(-10*second), v.f.At)
	}
	return t
}

// began is when the unit last began to start. A wait between restarts whose start was then refused is no
// start: since systemd 254 the unit is inactive before that wait, and leaves that state for it. What came
// of the start before is told from there on; its main process, if it came to one, is older than PID 1's word.
func (v *view) began() detect.Time {
	u, s := v.unit, v.f.Start
	switch {
	case s == nil || s.Refused < u.InactiveExit || s.Last >= u.InactiveExit:
		return u.InactiveExit
	case u.ExecStart >= s.Last.Add(-second):
		return u.ExecStart
	}
	return s.Last
}

func (v *view) has(events ...detect.Event) bool {
	for _, e := range events {
		if len(v.events[e]) > 0 {
			return true
		}
	}
	return false
}

// last is the newest line of the events.
func (v *view) last(events ...detect.Event) (detect.Line, bool) {
	var best detect.Line
	ok := false
	for _, e := range events {
		for _, l := range v.events[e] {
			if !ok || l.At >= best.At {
				best, ok = l, true
			}
		}
	}
	return best, ok
}

// count is how often the events were seen, folded lines included.
func (v *view) count(events ...detect.Event) int {
	n := 0
	for _, e := range events {
		for _, l := range v.events[e] {
			n += max(l.Count, 1)
		}
	}
	return n
}

// lacks tells that a fact could not be learnt.
func (v *view) lacks(fact string) bool {
	return slices.ContainsFunc(v.f.Lacking, func(l detect.Lack) bool { return l.Fact == fact })
}

// trusted is the newest line of PID 1's; offline, whatever the paste says PID 1 said.
func (v *view) trusted(events ...detect.Event) (detect.Line, bool) {
	for _, e := range events {
		lines := v.events[e]
		for i := len(lines) - 1; i >= 0; i-- {
			if lines[i].Source == detect.FromSystemd || lines[i].Source == detect.FromKernel || v.f.Offline {
				return lines[i], true
			}
		}
	}
	return detect.Line{}, false
}

// given is a value of an evidence document's facts, in lower case; the first key that is there.
func (v *view) given(keys ...string) string {
	for _, k := range keys {
		if s, ok := v.f.Given[k]; ok {
			return strings.ToLower(s)
		}
	}
	return ""
}

// starting tells a unit that is on its way up: activating but not in a wait between restarts
// after which it will fail again, or up for less than a first answer may take, and that answer was not seen.
func (v *view) starting() bool {
	u := v.unit
	if u == nil || v.f.Offline {
		return false
	}
	if u.Job != nil && (u.Job.Type == "start" || u.Job.Type == "restart") {
		return true
	}
	if u.Active == "activating" && u.Sub != "auto-restart" || u.Active == "reloading" {
		return true
	}
	return u.Active == "active" && u.InactiveExit != 0 && v.f.At.Sub(u.InactiveExit) < v.toFirstAnswer() &&
		!v.answeredSince(u.InactiveExit) && !v.f.Upstream.Healthy()
}

// answeredSince tells an answer, a client's or one that was verified, after that time. A baseline of the
// future does not count: the clock was set back since.
func (v *view) answeredSince(start detect.Time) bool {
	return v.f.Traffic != nil && v.f.Traffic.LastAnswer > start || v.f.Baseline != nil && v.f.Baseline.At > start && v.f.Baseline.At <= v.f.At
}

// toFirstAnswer is how long a start may take before silence counts: twice the slowest seen,
// between 10 and 60 s. Policy's start grace is longer; this only keeps us from being sure.
func (v *view) toFirstAnswer() detect.Span {
	span := 10 * second
	if b := v.f.Baseline; b != nil {
		span = max(span, 2*b.SlowestStart)
	}
	return min(span, 60*second)
}

// down tells a unit that does not run and is not about to.
func (v *view) down() bool {
	u := v.unit
	return u != nil && (u.Active == "failed" || u.Active == "inactive" || u.Sub == "auto-restart" || u.Sub == "auto-restart-queued")
}

// up tells a unit whose process is there.
func (v *view) up() bool { return v.unit.Running() }

func (v *view) unitName() string {
	switch {
	case v.unit != nil && v.unit.Name != "":
		return v.unit.Name
	case v.f.Route.Unit != "":
		return v.f.Route.Unit
	}
	for _, e := range []detect.Event{detect.EventUnitFailed, detect.EventMainExited, detect.EventSpawnFailed, detect.EventStartLimit} {
		for _, l := range v.events[e] {
			if l.Attr["unit"] != "" {
				return l.Attr["unit"]
			}
		}
	}
	return ""
}

// unitOr is the unit's name for a command that a person runs.
func (v *view) unitOr() string {
	if n := v.unitName(); n != "" {
		return n
	}
	return "UNIT"
}

func octal(mode int) string { return "0" + strconv.FormatInt(int64(mode&0o7777), 8) }

// seen is what the path's three questions were answered, for an honest "unknown".
func (v *view) seen() []detect.Evidence {
	var out []detect.Evidence
	note := func(fact, text string) { out = append(out, detect.Evidence{Fact: fact, Text: detect.Clean(text)}) }
	if a := v.f.Upstream; a.Known() {
		note("upstream", answerText(a))
	}
	if w := v.f.Worker; w != nil {
		note("worker.connect", "connect as "+w.User+": "+string(w.Outcome))
	}
	if a := v.f.Public; a.Known() {
		note("public", answerText(a))
	}
	if u := v.unit; u != nil {
		note("unit.state", u.Name+" is "+u.Active+"/"+u.Sub+" ("+u.Result+")")
	}
	return out
}

// refusedElsewhere is nginx's newest failed connect to an address that is not the route's: a location, or a
// server of an upstream group, that nobody serves. Asking the route itself tells nothing of it.
func (v *view) refusedElsewhere() (detect.Line, bool) {
	var newest detect.Line
	for _, l := range v.events[detect.EventConnectFailed] {
		if t, err := detect.ParseTarget(target(l)); err == nil && l.At >= newest.At && !v.secondFamily(l) && !sameTarget(t, v.f.Route.Target) {
			newest = l
		}
	}
	return newest, newest.Event != "" && !v.f.Offline
}

func answerText(a *detect.Answer) string {
	text := a.URL + ": " + string(a.Outcome)
	if a.Status != 0 {
		text += " " + strconv.Itoa(a.Status)
	}
	return text
}
