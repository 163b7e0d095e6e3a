package cli

import (
	"context"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/sock"
	"github.com/gatemend/gatemend/detect/unit"
	"github.com/gatemend/gatemend/detect/watch"
	"github.com/gatemend/gatemend/remediate/hold"
)

// nginxUnit is nginx's own unit.
const nginxUnit = "nginx.service"

// sensor is a named function as agent.Sensor.
type sensor struct {
	name string
	run  func(ctx context.Context, out chan<- detect.Trigger) error
}

func (s sensor) Name() string                                             { return s.name }
func (s sensor) Run(ctx context.Context, out chan<- detect.Trigger) error { return s.run(ctx, out) }

// sensors are all that make events; the slow probe is the loop's own.
func sensors(sites []detect.Site, w *watch.Watcher, holds hold.Dir) []agent.Sensor {
	units, sockets := watched(sites)
	return []agent.Sensor{
		sensor{detect.SensorUnit, func(ctx context.Context, out chan<- detect.Trigger) error { return unit.Watch(ctx, units, out) }},
		sensor{detect.SensorSocket, func(ctx context.Context, out chan<- detect.Trigger) error {
			return sock.Watch(ctx, w, sockets, out)
		}},
		sensor{detect.SensorHold, func(ctx context.Context, out chan<- detect.Trigger) error { return watchHolds(ctx, w, holds, out) }},
		sensor{detect.SensorFiles, func(ctx context.Context, _ chan<- detect.Trigger) error { return w.Sense(ctx) }},
	}
}

// watchHolds tells that a hold was made or lifted.
func watchHolds(ctx context.Context, w *watch.Watcher, holds hold.Dir, out chan<- detect.Trigger) error {
	sub := w.Subscribe(holds.Files(), watch.Leaf)
	defer sub.Close()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-sub.C():
			sub.Take()
		}
		select {
		case <-ctx.Done():
			return nil
		case out <- detect.Trigger{At: now(), Sensor: detect.SensorHold, Why: "a hold was made or lifted"}:
		}
	}
}

// watched maps units and socket paths to the sites that care. nginx concerns every site.
func watched(sites []detect.Site) (units, sockets map[string][]string) {
	units, sockets = map[string][]string{}, map[string][]string{}
	for _, s := range sites {
		add(units, nginxUnit, s.Name)
		for _, r := range s.Routes {
			add(units, r.Unit, s.Name)
			add(units, r.Socket, s.Name)
			if r.Target.IsUnix() {
				add(sockets, r.Target.Address, s.Name)
			}
		}
	}
	return units, sockets
}

func add(m map[string][]string, key, site string) {
	if key == "" {
		return
	}
	for _, have := range m[key] {
		if have == site {
			return
		}
	}
	m[key] = append(m[key], site)
}
