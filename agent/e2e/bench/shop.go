package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/examples"
)

// shipped is the example configuration, armed: what runs on a server.
var shipped = [][2]string{{"mode: dry-run", "mode: act    "}}

// outages breaks one site again and again, which the shipped limits are there to stop. None of
// these changes how fast the agent reacts.
var outages = append([][2]string{
	{"over: 10s", "over: 1s"}, {"gap: 15s", "gap: 1s"}, {"recurrence: 15m", "recurrence: 1m"},
	{"first: 60s", "first: 1s"}, {"factor: 2", "factor: 1"}, {"max: 30m", "max: 1s"},
	{"restarts_per_site: 3/1h", "restarts_per_site: 99/1h"}, {"restarts_per_host: 5/1h", "restarts_per_host: 99/1h"},
	{"restarts_per_site_day: 6", "restarts_per_site_day: 99"},
	{"start_grace: auto", "start_grace: 1s"}, {"after_change: 10s", "after_change: 1s"},
}, shipped...)

// withShop boots a machine with the demo and the agent as its own unit, and calls measure once the
// agent has proven the shop healthy.
func withShop(ctx context.Context, binary string, changes [][2]string, measure func(context.Context, *machine.Machine) error) error {
	m, err := machine.Boot(ctx, machine.Options{Deploy: machine.Unix})
	if err != nil {
		return err
	}
	defer m.Stop()
	if err := install(ctx, m, binary, changes); err != nil {
		return err
	}
	return measure(ctx, m)
}

func install(ctx context.Context, m *machine.Machine, binary string, changes [][2]string) error {
	text, err := examples.FS.ReadFile("gatemend.yaml")
	if err != nil {
		return err
	}
	config := string(text)
	for _, c := range changes {
		if !strings.Contains(config, c[0]) {
			return fmt.Errorf("cannot prepare the configuration: the example has no %q", c[0])
		}
		config = strings.Replace(config, c[0], c[1], 1)
	}
	if err := m.InstallAgent(ctx, binary, []byte(config)); err != nil {
		return err
	}
	// gunicorn's own access log counts what reaches the app, by nginx or directly.
	// systemd's own start limit (5 in 10 s) is lifted: each round is a start.
	const begin = `mkdir -p /etc/systemd/system/shop.service.d
printf '[Unit]\nStartLimitIntervalSec=0\n' >/etc/systemd/system/shop.service.d/bench.conf
echo 'GUNICORN_CMD_ARGS="--access-logfile=/run/shop/access.log"' >>/etc/shop/shop.env
systemctl daemon-reload; systemctl restart shop; systemctl start gatemend`
	if _, err := m.Shell(ctx, begin); err != nil {
		return err
	}
	return calm(ctx, m)
}

// calm waits until the shop was proven healthy and no incident is open.
func calm(ctx context.Context, m *machine.Machine) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	_, err := m.Shell(ctx, `until gatemend status --json 2>/dev/null >/run/status && grep -q '"baseline": [1-9]' /run/status && grep -q '"state": "idle"' /run/status; do sleep 0.2; done`)
	if err != nil {
		return fmt.Errorf("cannot see the agent prove the shop healthy: %w", err)
	}
	return nil
}
