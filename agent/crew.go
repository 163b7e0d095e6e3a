package agent

import (
	"context"
	"slices"
	"sync"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
)

// crew is the goroutines of a run: what watches each route, and what senses. Only steer changes it.
type crew struct {
	*Agent
	sync.WaitGroup
	triggers chan detect.Trigger
	sensing  map[Sensor]sensing
}

// sensing is a sensor that runs.
type sensing struct {
	stop  context.CancelFunc
	ended chan struct{}
}

// change is a setup on its way to those who keep it.
type change struct {
	setup *Setup
	taken chan struct{}
}

// Reload replaces the setup of a running agent. What is open stays open: keepers of routes that stay
// take the setup over between two steps, so an action that has begun ends as it began. It returns
// when routes and sensors are those of the new setup. With an error nothing was changed.
func (a *Agent) Reload(ctx context.Context, s Setup) error {
	if err := s.validate(); err != nil {
		return err
	}
	c := change{&s, make(chan struct{})}
	select {
	case a.changes <- c:
	case <-ctx.Done():
		return ctx.Err()
	}
	<-c.taken // steer never leaves one half done
	return nil
}

// steer takes setups over until ctx ends.
func (c *crew) steer(ctx context.Context) {
	beat := pulse.Begin(ctx, "the reload of the configuration")
	defer beat.End()
	for {
		select {
		case <-ctx.Done():
			return
		case answered := <-beat.Ping():
			close(answered)
		case n := <-c.changes:
			done := beat.Enter("reload", collectBound)
			c.turn(ctx, n.setup)
			done()
			close(n.taken)
		}
	}
}

// turn makes the crew that of a new setup. Sensors that go have ended before new ones begin, for they
// may watch the same; a keeper that is new looks by itself, when they watch.
func (c *crew) turn(ctx context.Context, s *Setup) {
	was := c.setup.Swap(s)
	c.turns.resize(s.Settings.Limits.Parallel)
	for sensor, running := range c.sensing {
		if !slices.Contains(s.Sensors, sensor) {
			running.stop()
			<-running.ended
			delete(c.sensing, sensor)
		}
	}
	for _, sensor := range s.Sensors {
		if _, on := c.sensing[sensor]; !on {
			c.sense(ctx, sensor)
			c.lookFor(sensor.Name())
		}
	}
	c.assign(ctx, s)
	fresh := slices.DeleteFunc(slices.Clone(s.Silent), func(n Silence) bool {
		return slices.ContainsFunc(was.Silent, func(o Silence) bool { return o.Site == n.Site && o.Sensor == n.Sensor && o.Why == n.Why })
	})
	c.tellSilent(ctx, fresh)
}

// assign gives each route its keeper: the one it has, or a new one.
func (c *crew) assign(ctx context.Context, s *Setup) {
	places, all := s.assignments()
	have := map[place]*keeper{}
	for _, k := range c.all() {
		have[k.place] = k
	}
	var keepers, fresh []*keeper
	for _, p := range places {
		k := have[p]
		if k == nil {
			k = newKeeper(c.Agent, *all[p])
			fresh = append(fresh, k)
		} else {
			k.mail.assign(all[p])
			delete(have, p)
		}
		keepers = append(keepers, k)
	}
	c.mu.Lock()
	c.keepers = keepers
	c.mu.Unlock()
	for _, k := range have {
		k.mail.assign(&assignment{gone: true})
	}
	for _, k := range fresh {
		k.late = true
		c.keep(ctx, k)
	}
}

// keep has a keeper run.
func (c *crew) keep(ctx context.Context, k *keeper) {
	k.pulse.Join(ctx)
	c.Go(func() { k.run(ctx) })
}

// sense has a sensor run.
func (c *crew) sense(ctx context.Context, s Sensor) {
	ctx, stop := context.WithCancel(ctx)
	running := sensing{stop, make(chan struct{})}
	c.sensing[s] = running
	c.Go(func() {
		defer close(running.ended)
		c.supervise(ctx, s, c.triggers)
	})
}

// lookFor has the routes that are kept look: what happened before a sensor watched was not seen.
func (c *crew) lookFor(sensor string) {
	for _, k := range c.all() {
		k.mail.put(detect.Trigger{At: now(), Sensor: sensor, Why: "sensor started by a reload", Lost: true})
	}
}
