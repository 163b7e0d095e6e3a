package verify

import (
	"context"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

const (
	// publicPatience is how long the public endpoint may lag behind the upstream: with several
	// servers in an upstream block nginx leaves one that failed out for fail_timeout, 10 s
	// (ngx_http_upstream_module, "server").
	publicPatience = 15 * time.Second
	decidedEvery   = 250 * time.Millisecond
	decidedTime    = time.Second
)

// run is one proof in the making.
type run struct {
	Verifier
	subject          Subject
	upstream, public *depth
	pace             pace
	graceEnd         time.Time
	firstOK          detect.Time
	proven           bool   // every public pass so far
	proof            string // of the last one
	decided          string // why waiting is over, from Subject.Decided
	decidedAsked     time.Time
}

func (v Verifier) begin(s Subject) *run {
	now := time.Now()
	timeout := s.Site.Probe.Timeout.Duration()
	if timeout <= 0 {
		timeout = 10 * time.Second
	}
	r := &run{Verifier: v, subject: s}
	r.pace = pace{read: readClocks, allowed: 3*timeout + sparse + v.every(), last: readClocks()}
	spent := time.Duration(0)
	if s.StartedAt != 0 {
		spent = max(now.Sub(s.StartedAt.Time()), 0)
	}
	r.graceEnd = now.Add(max(s.Grace-spent, 0))
	r.upstream = &depth{name: "upstream", ask: v.askUpstream(s), log: v.Log, stop: func(ctx context.Context) bool {
		return !r.pace.step() || r.isDecided(ctx)
	}}
	r.public = &depth{name: "public", ask: v.askPublic(s), log: v.Log, stop: func(context.Context) bool {
		return !r.pace.step()
	}}
	return r
}

// verify goes from the first answers to the held ones. What fails while it is held is waited for
// once more, as long as the grace lasts: a worker may crash once while it boots.
func (r *run) verify(ctx context.Context) (policy.Verdict, string) {
	for {
		if verdict, why := r.reach(ctx); verdict != "" {
			return verdict, why
		}
		verdict, why := r.hold(ctx)
		switch {
		case verdict == policy.VerdictRecovered, verdict == policy.VerdictUpstream,
			verdict == policy.VerdictUnsure, r.graceLeft() <= 0, r.decided != "":
			return verdict, why
		}
	}
}

// reach waits for the first healthy answers; "" when there are.
func (r *run) reach(ctx context.Context) (policy.Verdict, string) {
	up := r.await(ctx, r.upstream, r.graceLeft())
	if verdict, why := r.failed(ctx, up); verdict != "" {
		return verdict, why
	}
	r.proven = true
	if r.public.ask == nil {
		r.note(up)
		return "", ""
	}
	pub := r.await(ctx, r.public, publicPatience)
	if pub.Healthy() {
		r.note(pub)
		r.prove(up)
		return "", ""
	}
	r.note(up)
	return r.split(ctx, pub)
}

// hold asks until all passes are in. The answers that reach ended with are the first pass.
func (r *run) hold(ctx context.Context) (policy.Verdict, string) {
	for range r.passes() - 1 {
		if !r.sleep(ctx, r.every()) {
			return r.inconclusive(ctx)
		}
		up := r.upstream.once(ctx)
		if verdict, why := r.failed(ctx, up); verdict != "" {
			return verdict, why
		}
		if r.public.ask == nil {
			continue
		}
		if pub := r.public.once(ctx); !pub.Healthy() {
			return r.split(ctx, pub)
		}
		r.prove(up)
	}
	if ctx.Err() != nil || !r.pace.step() {
		return r.inconclusive(ctx)
	}
	if r.subject.Stranger != nil {
		if who, strange := r.subject.Stranger(ctx); strange {
			r.decided = who // no grace makes it go
			return policy.VerdictFailed, who
		}
	}
	return r.passed()
}

// passed is the verdict after the last pass: recovery only where something proves that the public
// answer came from the upstream.
func (r *run) passed() (policy.Verdict, string) {
	up := r.upstream.tape.last()
	held := fmt.Sprintf("%d passes over %v", r.passes(), r.over())
	if r.public.ask == nil {
		return policy.VerdictUpstream, fmt.Sprintf("upstream answers %d, %s; the public endpoint was not asked", up.Status, held)
	}
	pub := r.public.tape.last()
	if !r.proven {
		return policy.VerdictUpstream, fmt.Sprintf("upstream answers %d, public %d, %s; nothing proves that nginx forwarded it", up.Status, pub.Status, held)
	}
	return policy.VerdictRecovered, fmt.Sprintf("upstream answers %d, public %d (as the %s), %s", up.Status, pub.Status, r.proof, held)
}

// prove says of the public pass just made whether it came from the upstream.
func (r *run) prove(up detect.Answer) {
	pub := r.public.tape.newest()
	pub.Proof = detect.ProofOf(pub, &up, r.subject.Baseline)
	r.proof = pub.Proof
	r.proven = r.proven && pub.Proof != ""
}

// failed is the verdict on an upstream answer; "" when it is healthy.
func (r *run) failed(ctx context.Context, up detect.Answer) (policy.Verdict, string) {
	switch {
	case ctx.Err() != nil, !r.pace.step(), !up.Known():
		return r.inconclusive(ctx)
	case up.Healthy():
		return "", ""
	case r.decided != "":
		return policy.VerdictFailed, r.decided
	}
	return policy.VerdictFailed, "upstream: " + said(up)
}

// split is the verdict on a public answer that is not healthy, given that the upstream just was:
// it is asked once more, for it may have gone in the meantime.
func (r *run) split(ctx context.Context, pub detect.Answer) (policy.Verdict, string) {
	if ctx.Err() != nil || !r.pace.step() || !pub.Known() {
		return r.inconclusive(ctx)
	}
	if verdict, why := r.failed(ctx, r.upstream.once(ctx)); verdict != "" {
		return verdict, why
	}
	return policy.VerdictPublicBad, "upstream answers, public: " + said(pub)
}

func (r *run) inconclusive(ctx context.Context) (policy.Verdict, string) {
	switch {
	case ctx.Err() != nil:
		return policy.VerdictUnsure, "told to stop before there was a proof"
	case r.pace.void:
		return policy.VerdictUnsure, "the clock jumped or the agent stood still for more than 30 s: what it saw does not count"
	}
	return policy.VerdictUnsure, "no question could be asked: " + said(r.upstream.tape.last())
}
