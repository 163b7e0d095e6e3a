package policy

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"pgregory.net/rapid"
)

// anyCase mixes the oddities of the named cases with random history, times and holes.
func anyCase(t *rapid.T) Case {
	c := crashed()
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(decisions)-1), 0, 4).Draw(t, "oddities") {
		whole(&c)
		decisions[i].make(&c)
	}
	if rapid.Bool().Draw(t, "otherCause") {
		causes := []detect.Cause{"", "no-such-cause", detect.Unknown}
		for cause := range ladders {
			causes = append(causes, cause)
		}
		slices.Sort(causes)
		c.Diagnosis.Primary.Cause = rapid.SampledFrom(append(causes, resumed...)).Draw(t, "cause")
	}
	for range rapid.IntRange(0, 8).Draw(t, "entries") {
		c.History = append(c.History, anyEntry(t, &c))
	}
	switch rapid.IntRange(0, 3).Draw(t, "clock") {
	case 0:
		c.Now = detect.Time(rapid.Int64Range(1, math.MaxInt64).Draw(t, "now"))
	case 1:
		c.Now = math.MaxInt64
	}
	holes(t, &c)
	return c
}

// whole fills again what an oddity took out, for the next one to change.
func whole(c *Case) {
	w := crashed()
	if c.Facts.Quiet == nil {
		c.Facts.Quiet = w.Facts.Quiet
	}
	if c.Facts.Baseline == nil {
		c.Facts.Baseline = w.Facts.Baseline
	}
	if c.Facts.Baseline.Socket == nil {
		c.Facts.Baseline.Socket = w.Facts.Baseline.Socket
	}
	if c.Facts.Host == nil {
		c.Facts.Host = w.Facts.Host
	}
	if c.Diagnosis.Primary.Subject == nil {
		c.Diagnosis.Primary.Subject = map[string]string{}
	}
}

func anyEntry(t *rapid.T, c *Case) Entry {
	span := detect.Span(rapid.Int64Range(-int64(hour), int64(2*day)).Draw(t, "age"))
	return Entry{
		Seq: rapid.Int64().Draw(t, "seq"), At: ago(span), Boot: rapid.SampledFrom([]string{"", "boot-a", c.Boot}).Draw(t, "boot"),
		Uptime: detect.Span(rapid.Int64().Draw(t, "uptime")), Site: rapid.SampledFrom([]string{"shop", "blog", "wiki"}).Draw(t, "site"),
		Verb:    rapid.SampledFrom(append(slices.Concat(onUnit, onNginx, setsMode), "")).Draw(t, "verb"),
		Outcome: rapid.SampledFrom([]Outcome{Recovered, CameBack, Failed, Inconclusive, OutcomeOpen, Would, ""}).Draw(t, "outcome"),
		Mended:  rapid.Bool().Draw(t, "mended"), Unit: "shop.service",
	}
}

func holes(t *rapid.T, c *Case) {
	f := &c.Facts
	for i, empty := range []func(){
		func() { f.Unit = nil }, func() { f.Nginx = nil }, func() { f.Path = nil }, func() { f.Quiet = nil }, func() { f.Baseline = nil },
		func() { f.Host = nil }, func() { f.Upstream, f.Public = nil, nil }, func() { f.Start = nil }, func() { f.Stop = nil },
		func() { c.Settings = Settings{} }, func() { f.Route = detect.Route{} }, func() { c.Diagnosis.Primary.Subject = nil },
	} {
		if rapid.IntRange(0, 11).Draw(t, "hole") == i {
			empty()
		}
	}
}

func TestDecisionIsAFunctionOfTheCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		first, err := Canonical(Decide(c))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := Canonical(c)
		if err != nil {
			t.Fatal(err)
		}
		second, err := Canonical(Decide(readCase(t, raw)))
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("a case read back decides otherwise (%v):\n%s\n%s", err, first, second)
		}
		if bytes.Contains(first, []byte(`"id"`)) {
			t.Fatalf("the decision holds an id: %s", first)
		}
	})
}

func readCase(t *rapid.T, raw []byte) (c Case) {
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryDecisionIsSafeAndExplained(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCase(t)
		d := Decide(c)
		if d.Why == "" {
			t.Fatal("a decision without a reason")
		}
		for _, r := range d.Refusals {
			if r.Code == "" || r.Why == "" {
				t.Fatalf("a refusal without code or reason: %+v", d)
			}
		}
		switch d.Do {
		case DoAct:
			mayAct(t, &c, d)
		case DoWait:
			if len(d.Refusals) == 0 || d.Until <= c.Now && c.Now != math.MaxInt64 {
				t.Fatalf("a wait without a reason or an end: %+v", d)
			}
		case DoAsk, DoEscalate:
			if len(d.Refusals) == 0 {
				t.Fatalf("%s without a reason: %+v", d.Do, d)
			}
		case DoNothing:
			if h := c.Diagnosis.Health; h != detect.Healthy && h != detect.Degraded {
				t.Fatalf("nothing done about %q", h)
			}
		default:
			t.Fatalf("decided %q", d.Do)
		}
	})
}

// mayAct restates, independently of the guards, what must hold whenever we act.
func mayAct(t *rapid.T, c *Case, d Decision) {
	f, a := &c.Facts, d.Action
	allowed := slices.Contains(Allowed(a.Cause), a.Verb)
	for _, r := range finish {
		allowed = allowed || (c.Incident.Mended || c.Incident.Person) && slices.Contains(resumed, a.Cause) && r.verb == a.Verb
	}
	held := slices.ContainsFunc(c.Holds, func(h Hold) bool {
		return (h.Site == "" || h.Site == f.Site) && (h.Until == 0 || h.Until > c.Now)
	})
	person, word := c.Incident.Person, c.Incident.Release
	stands := word != nil && (word.Until == 0 || c.Now < word.Until)
	released := person || stands && word.Plan == Fingerprint(*c)
	for what, wrong := range map[string]bool{
		"a verb that the cause does not allow": !allowed,
		"acted while held":                     held,
		"acted without confidence":             c.Diagnosis.Primary.Confidence < detect.ActAt,
		"acted on what is not ours":            f.Route.Manage != detect.ManageAct && !(released && f.Route.Manage == detect.ManageAsk),
		"acted on another plan than was asked": stands && word.Plan != Fingerprint(*c),
		"acted without knowing who is at work": f.Quiet == nil,
		"acted on a site never seen healthy":   !person && (f.Baseline == nil || f.Baseline.Config != c.Config),
		"touched a denied unit":                DenyListed(a.Unit) && !(a.Verb.in(onNginx) && IsNginx(a.Unit)),
		"acted on ambiguous evidence":          !c.Diagnosis.Primary.Decisive && c.Incident.Seen < 2,
		"restarted during a foreign job":       a.Verb.in(onUnit) && f.Unit != nil && f.Unit.Job != nil,
		"acted on a masked unit":               a.Verb.in(onUnit) && a.Unit == f.Route.Unit && f.Unit.Load == "masked",
		"acted on a frozen unit":               a.Verb.in(onUnit) && a.Unit == f.Route.Unit && f.Unit.Freezer != "",
		"acted on a starting unit":             !person && a.Verb.in(onUnit) && starting(c),
		"reloaded without a test":              a.Verb == ReloadNginx && (f.Nginx.Test == nil || !f.Nginx.Test.OK),
		"widened a mode":                       a.Verb == FixSocketMode && f.Socket == nil && a.Mode&^f.Baseline.Socket.Mode != 0,
		"took a unit along unasked":            slices.ContainsFunc(a.Takes, func(u string) bool { return !slices.Contains(f.Route.Also, u) }),
	} {
		if wrong {
			t.Fatalf("%s: %+v\n%+v", what, a, d.Guards)
		}
	}
}

func starting(c *Case) bool {
	u, b := c.Facts.Unit, c.Facts.Baseline
	up := u != nil && u.InactiveExit > 0 && (u.Active == "active" || u.Active == "activating")
	return up && c.Now >= u.InactiveExit && c.Now.Sub(u.InactiveExit) < minute && b.At <= u.InactiveExit
}

func FuzzDecide(f *testing.F) {
	for _, tc := range decisions {
		c := crashed()
		tc.make(&c)
		raw, err := Canonical(c)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var c Case
		if json.Unmarshal(raw, &c) != nil {
			t.Skip()
		}
		if d := Decide(c); d.Do == "" || d.Why == "" {
			t.Errorf("no decision: %+v", d)
		}
		Fingerprint(c)
		FirstSafe(c.Diagnosis, c.Facts)
	})
}
