package verify

import (
	"context"
	"log/slog"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/probe"
	"github.com/gatemend/gatemend/policy"
)

// Verifier asks at two depths. It keeps no state and is safe for concurrent use.
type Verifier struct {
	Upstream probe.Prober  // its Dial may hand out descriptors that were connected as nginx's worker
	Public   probe.Prober  // connects as ourselves
	Passes   int           // at each depth; 0: 3
	Over     time.Duration // from the first pass to the last; 0: 10 s
	Marker   func() string // of each question, see probe.Question; nil: none
	Log      *slog.Logger  // debug records of every attempt; nil: none
}

// Subject is one route to be proven, and what is known of it.
type Subject struct {
	Site     detect.Site
	Route    detect.Route
	Scheme   string            // that nginx speaks to the upstream: http (default), https
	Doors    []detect.Endpoint // where the local nginx answers for the server, best first; none: public is not asked
	Baseline *detect.Baseline
	// StartedAt is when the action began; Grace is how long after it the upstream may take for its
	// first answer (promise 15). One question is always asked.
	StartedAt detect.Time
	Grace     time.Duration
	// Decided tells of a failure that waiting cannot change, such as a failed unit: it ends the
	// grace. Asked between attempts, at most every 250 ms; nil: there is no such source.
	Decided func(ctx context.Context) (why string, decided bool)
	// Stranger names a process that takes the route's requests in place of its unit: its answers
	// prove nothing of the unit. Asked after the last pass; nil: there is no such source.
	Stranger func(ctx context.Context) (who string, strange bool)
}

// Proof is what was found, with the answers it rests on.
type Proof struct {
	Verdict  policy.Verdict  `json:"verdict"`
	FirstOK  detect.Time     `json:"first_ok,omitempty"` // first healthy answer at the outermost depth that gave one: not yet recovery
	At       detect.Time     `json:"at"`                 // when the verdict was reached
	Upstream []detect.Answer `json:"upstream"`           // in order; the middle of a long wait is left out
	Public   []detect.Answer `json:"public,omitempty"`
	Asked    [2]int          `json:"asked"` // how many questions at each depth, those left out included
	Why      string          `json:"why"`
}

// Verify asks until there is a verdict. The end of ctx makes it inconclusive.
func (v Verifier) Verify(ctx context.Context, s Subject) Proof {
	r := v.begin(s)
	verdict, why := r.verify(ctx)
	return Proof{
		Verdict: verdict, Why: why, FirstOK: r.firstOK, At: detect.At(time.Now()),
		Upstream: r.upstream.tape.answers, Public: r.public.tape.answers,
		Asked: [2]int{r.upstream.tape.count, r.public.tape.count},
	}
}

func (v Verifier) passes() int {
	if v.Passes < 1 {
		return 3
	}
	return v.Passes
}

func (v Verifier) over() time.Duration {
	if v.Over <= 0 {
		return 10 * time.Second
	}
	return v.Over
}

// every is the time between two passes of the hold.
func (v Verifier) every() time.Duration {
	return v.over() / time.Duration(max(v.passes()-1, 1))
}

func (v Verifier) marker() string {
	if v.Marker == nil {
		return ""
	}
	return v.Marker()
}
