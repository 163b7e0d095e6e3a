package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// trial breaks the shop in one way.
type trial struct {
	fault  string // run at the moment from which the outage counts
	before func(context.Context, *machine.Machine) error
	agent  bool // the agent mends it; else the fault mends itself
}

func measureOutages(ctx context.Context, m *machine.Machine, rounds int) error {
	// The agent must not help the bare restart, and its record must not be polluted by it.
	if _, err := m.Run(ctx, "systemctl", "stop", "gatemend"); err != nil {
		return err
	}
	bare, err := repeat(ctx, m, rounds, trial{fault: "systemctl restart shop.service"})
	if err != nil {
		return fmt.Errorf("cannot measure a bare restart: %w", err)
	}
	if _, err := m.Run(ctx, "systemctl", "start", "gatemend"); err != nil {
		return err
	}
	if err := calm(ctx, m); err != nil {
		return err
	}
	killed, err := repeat(ctx, m, rounds, trial{agent: true, fault: `kill -9 $(systemctl show -P MainPID shop.service)`})
	if err != nil {
		return fmt.Errorf("cannot measure a kill: %w", err)
	}
	busy, err := repeat(ctx, m, 3, trial{agent: true, before: slowRequest, fault: `kill -9 $(systemctl show -P MainPID shop.service)`})
	if err != nil {
		return fmt.Errorf("cannot measure a kill under a request: %w", err)
	}
	mode, err := repeat(ctx, m, rounds, trial{agent: true, fault: "chmod 0600 /run/shop/shop.sock"})
	if err != nil {
		return fmt.Errorf("cannot measure a mode change: %w", err)
	}
	b, k := median(bare), median(killed)
	row("bare systemctl restart until the first 200, median of "+fmt.Sprint(rounds), ms(b), "to compare with")
	row("kill -9 of the master until the first 200, median of "+fmt.Sprint(rounds), ms(k), fmt.Sprintf("%.2f x the bare restart, at most 1.2 x", float64(k)/float64(b)))
	row("the same with a slow request in flight, median of 3", ms(median(busy)), "under 3000 ms")
	row("mode change until the first 200, median of "+fmt.Sprint(rounds), ms(median(mode)), "under 150 ms")
	return nil
}

func repeat(ctx context.Context, m *machine.Machine, n int, t trial) ([]time.Duration, error) {
	var l []time.Duration
	for range n {
		d, err := t.once(ctx, m)
		if err != nil {
			return l, err
		}
		l = append(l, d)
	}
	return l, nil
}

// once measures from the fault to the first 200 of the client that asks every 5 ms.
func (t trial) once(ctx context.Context, m *machine.Machine) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if t.before != nil {
		if err := t.before(ctx, m); err != nil {
			return 0, err
		}
	}
	w := m.Watch(ctx, machine.URL, 5*time.Millisecond)
	defer w.Stop()
	began := time.Now()
	if _, err := m.Shell(ctx, t.fault); err != nil {
		return 0, err
	}
	o, err := w.Outage(ctx, 300*time.Millisecond)
	if err != nil {
		return 0, err
	}
	if t.agent {
		err = calm(ctx, m)
	}
	return o.To.Sub(began), err
}

// slowRequest leaves a request in flight that takes longer than systemd waits for workers.
func slowRequest(ctx context.Context, m *machine.Machine) error {
	_, err := m.Shell(ctx, strings.TrimSpace(`
(curl -s 'http://shop.example.com/slow?s=120' >/dev/null 2>&1 &)
until ss -xHn state established | grep -q shop.sock; do sleep 0.05; done`))
	return err
}
