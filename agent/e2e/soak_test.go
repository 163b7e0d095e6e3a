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

// perMachine steps are made on one machine. The next one has another deployment, and every other machine
// lets its agent live, so that what grows shows.
const perMachine = 20

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
		kind := machine.Kinds[n/perMachine%len(machine.Kinds)]
		steps := s.tally.steps
		t.Run(fmt.Sprintf("machine %d %s", n/perMachine, kind), func(t *testing.T) { s.machine(t, kind, n) })
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
	steps, faults, healed, escalated, wrong, kills, intents int
	rss, fds, goroutines                                    int // the most that an agent has grown by
}

func (y tally) String() string {
	return fmt.Sprintf("%d steps, %d faults injected, %d healed, %d escalated, %d wrong; the agent ended %d times, %d actions; it grew by at most %d kB, %d descriptors, %d goroutines",
		y.steps, y.faults, y.healed, y.escalated, y.wrong, y.kills, y.intents, y.rss, y.fds, y.goroutines)
}

// machine makes up to perMachine steps on a new machine.
func (s *soak) machine(t *testing.T, kind machine.Kind, first int) {
	m := boot(t, setup{kind: kind, faults: true, config: soaked, prepare: keepWell})
	w := &watched{shop: m, tally: &s.tally}
	for n := first; n < first+perMachine && time.Now().Before(s.until) && !s.over(n); n++ {
		p := draw(rand.New(rand.NewPCG(s.seed, uint64(n))), kind, n/perMachine%2 == 1)
		if !s.step(t, w, n, p) {
			return // nobody knows what this machine is in now
		}
	}
}

// soakBudget is how many actions of five minutes may fail, by the configuration below.
const soakBudget = 12

// soaked are budgets that are spent and regained within a run.
const soaked = `limits: {restarts_per_site: 12/5m, restarts_per_site_day: 500, restarts_per_host: 15/5m, reloads_nginx: 12/5m, parallel: 1, gap: 1s}
recurrence: 1m
`

// step breaks, waits until the site is up or a person is told, mends what only a person can, and checks.
// False when the machine is of no use any more.
func (s *soak) step(t *testing.T, w *watched, n int, p plan) bool {
	s.tally.steps++
	s.tally.faults += len(p.faults)
	began := time.Now()
	w.wreck(p)
	how, err := w.upOrTold(t.Context(), 4*time.Minute)
	switch {
	case err != nil:
	case how == wasHealed:
		s.tally.healed++
	default:
		s.tally.escalated++
		err = w.mended(t.Context())
	}
	if err == nil {
		err = w.kept(t.Context(), p)
	}
	if err == nil {
		t.Logf("step %d: %s → %s in %.1f s", n, p, how, time.Since(began).Seconds())
		return true
	}
	s.tally.wrong++
	t.Errorf("step %d: %s → WRONG after %.1f s: %v\nrepeat it: SEED=%d STEP=%d make soak", n, p, time.Since(began).Seconds(), err, s.seed, n)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := w.SaveLogs(ctx, t.ArtifactDir()); err != nil {
		t.Log(err)
	}
	return false
}
