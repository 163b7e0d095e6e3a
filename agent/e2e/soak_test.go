package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// perMachine steps are made on one machine. The next one has another deployment, after three another
// Debian, and every other machine lets its agent live, so that what grows shows.
const perMachine = 30

// longest is how long any fault may take to be healed or told: two at once, the agent killed in between,
// a worker of several that hangs, which every second probe does not see, on a busy host.
const longest = 6 * time.Minute

// TestSoak breaks machines at random for as long as GATEMEND_SOAK says, and checks after each step that
// the agent kept its promises. SEED repeats a run; STEP begins with the machine of that step and ends
// behind the step. Run it by `make soak`.
func TestSoak(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("GATEMEND_SOAK"))
	if err != nil {
		t.Skip("only by make soak")
	}
	seed := number(t, "SEED", time.Now().Unix())
	only := number(t, "STEP", -1)
	s := &soak{seed: uint64(seed), until: time.Now().Add(lasts), only: int(only)}
	began := time.Now()
	for n := max(0, int(only)) / perMachine * perMachine; time.Now().Before(s.until) && !s.over(n); n += perMachine {
		nth := n / perMachine
		kind, suite := machine.Kinds[nth%len(machine.Kinds)], machine.Suites[nth/len(machine.Kinds)%len(machine.Suites)]
		steps := s.tally.steps
		t.Run(fmt.Sprintf("machine %d %s %s", nth, suite, kind), func(t *testing.T) { s.machine(t, setup{suite: suite, kind: kind}, n) })
		if s.tally.steps == steps {
			t.Fatal("a machine came to no step: nothing is soaked")
		}
	}
	t.Logf("soak: seed %d, %s: %s", seed, time.Since(began).Round(time.Second), s.tally)
}

func number(t *testing.T, name string, otherwise int64) int64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatalf("%s=%q: write a number", name, text)
	}
	return n
}

// soak is one run over many machines.
type soak struct {
	seed  uint64
	until time.Time
	only  int
	tally tally
}

func (s *soak) over(n int) bool { return s.only >= 0 && n > s.only }

// tally is what became of the faults.
type tally struct {
	steps, faults, healed, none, escalated, wrong, kills, intents int
	spent                                                         int // the most budget that an intent found spent
	rss, fds, goroutines                                          int // the most that an agent has grown by
}

func (y tally) String() string {
	return fmt.Sprintf("%d steps, %d faults injected: %d steps healed, %d without an outage, %d escalated, %d wrong; the agent ended %d times, %d actions, at most %d of a budget of %d spent; it grew by at most %d kB, %d descriptors, %d goroutines",
		y.steps, y.faults, y.healed, y.none, y.escalated, y.wrong, y.kills, y.intents, y.spent, soakBudget, y.rss, y.fds, y.goroutines)
}

// machine makes up to perMachine steps on a new machine.
func (s *soak) machine(t *testing.T, o setup, first int) {
	o.faults, o.config, o.prepare = true, soaked, keepWell
	w := &watched{shop: boot(t, o), tally: &s.tally}
	began, err := w.usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n := first; n < first+perMachine && time.Now().Before(s.until) && !s.over(n); n++ {
		p := draw(rand.New(rand.NewPCG(s.seed, uint64(n))), o.kind, n/perMachine%2 == 1)
		if !s.step(t, w, n, p) {
			return // nobody knows what this machine is in now
		}
	}
	t.Logf("the agent at the start: %s; at the end: %s; so far: %s", began, w.last, s.tally)
}

// soakBudget is how many actions of five minutes may fail, by the configuration below.
const soakBudget = 12

// soaked are budgets that are spent and regained within a run, in which the next fault comes at once.
const soaked = `limits: {restarts_per_site: 12/5m, restarts_per_site_day: 500, restarts_per_host: 12/5m, reloads_nginx: 12/5m, parallel: 1, gap: 1s}
cooldown: {first: 2s, factor: 2, max: 10s}
recurrence: 1m
operator_stop: {tell: 10s, start_after: 15m}
`

// step breaks, waits until the site is up or a person is told, mends what only a person can, and checks.
// False when the machine is of no use any more.
func (s *soak) step(t *testing.T, w *watched, n int, p plan) bool {
	s.tally.steps++
	s.tally.faults += len(p.faults)
	began := time.Now()
	how, err := w.through(t.Context(), p)
	if err == nil {
		s.tally.count(how)
		t.Logf("step %d: %s → %s in %.1f s; %s %s", n, p, how, time.Since(began).Seconds(), w.last, w.calls)
		return true
	}
	s.tally.wrong++
	t.Errorf("step %d: %s → WRONG after %.1f s: %v\nrepeat it: SEED=%d STEP=%d make soak", n, p, time.Since(began).Seconds(), err, s.seed, n)
	return false
}

// through is a step from the fault to all promises kept.
func (w *watched) through(ctx context.Context, p plan) (how ending, err error) {
	w.calls = ""
	w.wreck(p)
	how, err = w.upOrTold(ctx, longest)
	if err == nil && p.held {
		how, err = w.resumed(ctx)
	}
	if err == nil && how == wasTold {
		err = w.mended(ctx)
	} else if err == nil {
		_, err = w.Shell(ctx, tidied)
	}
	if err == nil {
		err = w.kept(ctx, p)
	}
	return how, err
}

func (y *tally) count(how ending) {
	switch how {
	case healed:
		y.healed++
	case noOutage:
		y.none++
	case wasTold:
		y.escalated++
	}
}
