package cli

import (
	"context"
	"reflect"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/logs"
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

func (s *sensor) Name() string                                             { return s.name }
func (s *sensor) Run(ctx context.Context, out chan<- detect.Trigger) error { return s.run(ctx, out) }

// senses are the sensors of a configuration, all that make events; the slow probe is the loop's
// own. What each of them watches is kept, so that the next configuration can leave it alone.
type senses struct {
	unit, socket, hold, files *sensor
	log                       *logs.Sensor

	units, sockets map[string][]string
	follows        []logs.Site
	silent         []agent.Silence // what nginx's configuration switches off
}

// sense makes the sensors of sites; those that would watch the same as before stay the same.
func (d *daemon) sense(ctx context.Context, sites []detect.Site, was *senses) *senses {
	s, w := &senses{}, d.watcher
	s.units, s.sockets = watched(sites)
	s.unit = &sensor{detect.SensorUnit, func(ctx context.Context, out chan<- detect.Trigger) error { return unit.Watch(ctx, s.units, out) }}
	s.socket = &sensor{detect.SensorSocket, func(ctx context.Context, out chan<- detect.Trigger) error {
		return sock.Watch(ctx, w, s.sockets, out)
	}}
	s.hold = &sensor{detect.SensorHold, func(ctx context.Context, out chan<- detect.Trigger) error { return watchHolds(ctx, w, d.holds, out) }}
	s.files = &sensor{detect.SensorFiles, func(ctx context.Context, _ chan<- detect.Trigger) error { return w.Sense(ctx) }}
	s.log, s.follows, s.silent = d.followLogs(ctx, sites, was)
	s.keep(was)
	return s
}

func (s *senses) keep(was *senses) {
	if was == nil {
		return
	}
	s.hold, s.files = was.hold, was.files
	if reflect.DeepEqual(s.units, was.units) {
		s.unit = was.unit
	}
	if reflect.DeepEqual(s.sockets, was.sockets) {
		s.socket = was.socket
	}
	if reflect.DeepEqual(s.follows, was.follows) {
		s.log = was.log
	}
}

func (s *senses) all() []agent.Sensor {
	return []agent.Sensor{s.unit, s.socket, s.hold, s.files, s.log}
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
