package verify

import (
	"context"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

const second = detect.Span(1_000_000)

func subject() Subject {
	return Subject{
		Site:  detect.Site{Name: "shop", Server: "shop.example.com", Probe: detect.ProbeSpec{Path: "/", Timeout: 2 * second, Public: "auto"}},
		Route: detect.Route{Path: "/", Target: detect.Unix("/run/shop.sock")},
		Doors: []detect.Endpoint{{Target: detect.TCP("127.0.0.1:80")}},
		Grace: 60 * time.Second,
	}
}

// verify proves s against two scripted ends and returns the proof and how long it took.
func verify(t *testing.T, s Subject, upstream, public script) (Proof, time.Duration) {
	t.Helper()
	began := time.Now()
	s.StartedAt = detect.At(began)
	v := Verifier{Upstream: upstream.prober(began), Public: public.prober(began)}
	return v.Verify(t.Context(), s), time.Since(began)
}

func TestVerdicts(t *testing.T) {
	refused, missing := failing(syscall.ECONNREFUSED), failing(syscall.ENOENT)
	off := func(s *Subject) { s.Site.Probe.Public = "off" }
	remembers := func(code int) func(*Subject) {
		return func(s *Subject) { s.Baseline = &detect.Baseline{Status: code} }
	}
	for name, tt := range map[string]struct {
		upstream, public script
		change           func(*Subject)
		want             policy.Verdict
		why              string
		took             time.Duration
	}{
		"both answer":      {always(status(200)), always(status(200)), nil, policy.VerdictRecovered, "as the upstream", 10 * time.Second},
		"the app says 404": {always(status(404)), always(status(404)), nil, policy.VerdictRecovered, "", 10 * time.Second},
		"after 0.3 s":      {from(missing, 300*time.Millisecond, status(200)), always(status(200)), nil, policy.VerdictRecovered, "", 10 * time.Second},
		"after a slow start": {from(refused, 30*time.Second, status(200)), always(status(200)), nil,
			policy.VerdictRecovered, "", 40 * time.Second},
		"nginx is 10 s late": {always(status(200)), from(byNginx(502), 10*time.Second, status(200)), nil,
			policy.VerdictRecovered, "", 20 * time.Second},
		"never answers":   {always(refused), always(byNginx(502)), nil, policy.VerdictFailed, "upstream: refused", 60 * time.Second},
		"only hangs":      {always(reply{hang: true}), always(byNginx(504)), nil, policy.VerdictFailed, "timeout", 60 * time.Second},
		"app answers 500": {always(status(500)), always(status(500)), nil, policy.VerdictFailed, "answers 500", 60 * time.Second},
		"not HTTP at all": {always(reply{status: 9999}), always(status(200)), nil, policy.VerdictFailed, "malformed", 0},
		"nginx goes elsewhere": {always(status(200)), always(byNginx(502)), nil,
			policy.VerdictPublicBad, "nginx itself answers 502", 15 * time.Second},
		"nginx is down": {always(status(200)), always(refused), nil, policy.VerdictPublicBad, "refused", 15 * time.Second},
		"another program answers": {always(status(200)), always(status(200)), func(s *Subject) {
			s.Stranger = func(context.Context) (string, bool) { return "PID 7 (flask) answers", true }
		}, policy.VerdictFailed, "PID 7", 10 * time.Second},
		"its own program answers": {always(status(200)), always(status(200)), func(s *Subject) {
			s.Stranger = func(context.Context) (string, bool) { return "", false }
		}, policy.VerdictRecovered, "", 10 * time.Second},
		"public off":        {always(status(200)), always(refused), off, policy.VerdictUpstream, "not asked", 10 * time.Second},
		"no door":           {always(status(200)), always(refused), func(s *Subject) { s.Doors = nil }, policy.VerdictUpstream, "not asked", 10 * time.Second},
		"nothing proves it": {always(status(404)), always(status(200)), nil, policy.VerdictUpstream, "nothing proves", 10 * time.Second},
		"as it always was":  {always(status(200)), always(byNginx(401)), remembers(401), policy.VerdictRecovered, "as the baseline", 10 * time.Second},
		"not as it was":     {always(status(200)), always(byNginx(403)), remembers(401), policy.VerdictUpstream, "nothing proves", 10 * time.Second},
		"proof for two of three": {always(status(200)), from(status(204), 4*time.Second, status(200)), nil,
			policy.VerdictUpstream, "nothing proves", 10 * time.Second},
		"error_page 502 =200": {always(refused), always(status(200)), remembers(200), policy.VerdictFailed, "refused", 60 * time.Second},
		"dies while it is held": {from(status(200), 7*time.Second, refused), always(status(200)), func(s *Subject) { s.Grace = 0 },
			policy.VerdictFailed, "refused", 10 * time.Second},
		"public dies while it is held": {always(status(200)), from(status(200), 7*time.Second, byNginx(502)), func(s *Subject) { s.Grace = 0 },
			policy.VerdictPublicBad, "502", 10 * time.Second},
		"a worker that crashes once in the grace": {dip(status(200), 5*time.Second, refused, 6*time.Second), always(status(200)), nil,
			policy.VerdictRecovered, "", 16 * time.Second},
		"no grace left, one question": {always(refused), always(status(200)), func(s *Subject) { s.Grace = 0 }, policy.VerdictFailed, "refused", 0},
		"no question possible": {always(status(200)), always(status(200)), func(s *Subject) { s.Route.Target = detect.Target{} },
			policy.VerdictUnsure, "not-asked", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := subject()
				if tt.change != nil {
					tt.change(&s)
				}
				p, took := verify(t, s, tt.upstream, tt.public)
				if p.Verdict != tt.want || !strings.Contains(p.Why, tt.why) {
					t.Errorf("verdict %q (%s), want %q (%s)", p.Verdict, p.Why, tt.want, tt.why)
				}
				if late := took - tt.took; late < 0 || late > sparse {
					t.Errorf("took %v, want %v or up to %v more", took, tt.took, sparse)
				}
			})
		})
	}
}

// dip answers a, then b from one time to another, then a again.
func dip(a reply, down time.Duration, b reply, up time.Duration) script {
	return func(at time.Duration) reply {
		if at >= down && at < up {
			return b
		}
		return a
	}
}

func TestShortOutageIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p, _ := verify(t, subject(), from(failing(syscall.ENOENT), 270*time.Millisecond, status(200)), always(status(200)))
		if late := p.FirstOK.Time().Sub(began) - 270*time.Millisecond; late < 0 || late > dense {
			t.Errorf("first answer seen %v late, want at most %v", late, dense)
		}
		if p.Verdict != policy.VerdictRecovered || p.At <= p.FirstOK {
			t.Errorf("first answer %v and recovery %v (%s) must be two times", p.FirstOK, p.At, p.Verdict)
		}
	})
}

func TestDecidedFailureEndsTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := subject()
		began := time.Now()
		s.Decided = func(context.Context) (string, bool) {
			return "shop.service is failed: exit-code", time.Since(began) > 3*time.Second
		}
		p, took := verify(t, s, always(failing(syscall.ENOENT)), always(status(200)))
		if p.Verdict != policy.VerdictFailed || p.Why != "shop.service is failed: exit-code" || took > 4*time.Second {
			t.Errorf("%q (%s) after %v", p.Verdict, p.Why, took)
		}
	})
}

func TestEndOfContextIsInconclusive(t *testing.T) {
	for name, upstream := range map[string]script{
		"while waiting":        always(failing(syscall.ENOENT)),
		"in a hanging request": always(reply{hang: true}),
		"while holding":        always(status(200)),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(1500*time.Millisecond, cancel)
				began := time.Now()
				v := Verifier{Upstream: upstream.prober(began), Public: always(status(200)).prober(began)}
				if p := v.Verify(ctx, subject()); p.Verdict != policy.VerdictUnsure {
					t.Errorf("verdict %q (%s)", p.Verdict, p.Why)
				}
			})
		})
	}
}

// What the app says about when to come back is ignored: an hour would be an hour of outage.
func TestRetryAfterIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := reply{status: 503, extra: "Retry-After: 3600\r\n"}
		p, took := verify(t, subject(), from(busy, time.Second, status(200)), always(status(200)))
		if p.Verdict != policy.VerdictRecovered || took > 12*time.Second {
			t.Errorf("%q (%s) after %v", p.Verdict, p.Why, took)
		}
	})
}

// Each question to a hanging app stays in its queue: there is never a second one outstanding.
func TestOneQuestionAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := subject()
		s.Grace = 20 * time.Second
		p, _ := verify(t, s, always(reply{hang: true}), always(status(200)))
		if p.Asked[0] > 11 { // 20 s by 2 s each
			t.Errorf("%d questions in 20 s to an app that hangs", p.Asked[0])
		}
	})
}

func TestLongWaitIsFolded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := subject()
		s.Grace = 10 * time.Minute
		p, _ := verify(t, s, always(failing(syscall.ENOENT)), always(status(200)))
		if len(p.Upstream) != keepFirst+keepLast || p.Asked[0] < 600 {
			t.Errorf("%d of %d answers kept", len(p.Upstream), p.Asked[0])
		}
		if !slices.IsSortedFunc(p.Upstream, func(a, b detect.Answer) int { return int(a.At - b.At) }) {
			t.Error("the answers are out of order")
		}
	})
}
