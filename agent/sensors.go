package agent

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// A lost sensor is started again after these; a run that lasted longer begins anew.
const (
	sensorBackoffFirst = 5 * time.Second
	sensorBackoffMax   = 5 * time.Minute
)

// senses counts what became of the sensors, for status.
type senses struct {
	mu  sync.Mutex
	all map[string]SensorView
}

// SensorView is a sensor as status shows it.
type SensorView struct {
	Name   string      `json:"name"`
	Up     bool        `json:"up"`
	Losses int         `json:"losses"`
	Since  detect.Time `json:"since"`
	Why    string      `json:"why,omitempty"` // of the last loss
}

func newSenses() *senses { return &senses{all: map[string]SensorView{}} }

func (s *senses) up(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.all[name]
	v.Name, v.Up, v.Since = name, true, now()
	s.all[name] = v
}

func (s *senses) down(name, why string) (losses int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.all[name]
	v.Up, v.Since, v.Why = false, now(), why
	v.Losses++
	s.all[name] = v
	return v.Losses
}

// supervise keeps a sensor running. A loss is recorded, and every site looks again: what
// happened meanwhile was not seen.
func (a *Agent) supervise(ctx context.Context, s Sensor, out chan<- detect.Trigger) {
	wait := sensorBackoffFirst
	for ctx.Err() == nil {
		a.senses.up(s.Name())
		began := time.Now()
		err := s.Run(ctx, out)
		if ctx.Err() != nil {
			return
		}
		a.lost(ctx, s.Name(), err, out)
		if time.Since(began) > sensorBackoffMax {
			wait = sensorBackoffFirst
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, sensorBackoffMax)
		resync(ctx, s.Name(), "started again", out)
	}
}

func (a *Agent) lost(ctx context.Context, name string, err error, out chan<- detect.Trigger) {
	why := "it ended"
	if err != nil {
		why = err.Error()
	}
	n := a.senses.down(name, why)
	a.Log.Warn("sensor lost", "sensor", name, "losses", n, "err", why)
	if n&(n-1) == 0 { // the 1st, 2nd, 4th, 8th …: a sensor that flaps does not fill the log
		a.record(ctx, RecordSensor, "", "", "", SensorLoss{name, why, n})
	}
	resync(ctx, name, "lost", out)
}

func resync(ctx context.Context, name, why string, out chan<- detect.Trigger) {
	select {
	case out <- detect.Trigger{At: now(), Sensor: name, Why: "sensor " + why, Lost: true}:
	case <-ctx.Done():
	}
}

// tellSilent tells once, at the start or when it is new, which sources the host switches off and what that costs.
func (a *Agent) tellSilent(ctx context.Context, silent []Silence) {
	for _, s := range silent {
		var costs []string
		for _, c := range s.Costs {
			costs = append(costs, string(c))
		}
		a.Log.Warn("a source is switched off", "site", s.Site, "sensor", s.Sensor, "why", s.Why, "costs", costs)
		if len(costs) == 0 {
			continue
		}
		m := Message{
			ID: fmt.Sprintf("blind.%d.%s.%s", int64(now()), s.Site, s.Sensor),
			At: now(), Host: a.Host, Mode: a.mode(), Site: s.Site, State: ToldSensor, Proof: s.Why, Command: "gatemend check",
			Did: fmt.Sprintf("without %s these are not seen: %s", s.Sensor, strings.Join(costs, ", ")),
		}
		if err := a.post(ctx, m); err != nil {
			a.Log.Error("cannot send a message", "state", m.State, "err", err)
		}
	}
}
