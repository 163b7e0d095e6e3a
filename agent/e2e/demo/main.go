// Command demo boots the demo shop in a throw-away machine, breaks it several ways, and shows
// the agent noticing, deciding, acting and proving, live, with the outage that a client saw.
// `make demo` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/examples"
)

func main() {
	binary := flag.String("binary", "dist/gatemend", "the agent")
	byHand := flag.Bool("shell", false, "give a shell in the machine instead of the show")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := show(ctx, *binary, *byHand)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

func show(ctx context.Context, binary string, byHand bool) error {
	say("booting a Debian with systemd, nginx, gunicorn and a Flask shop …")
	m, err := machine.Boot(ctx, machine.Options{Deploy: machine.Unix})
	if err != nil {
		return err
	}
	defer m.Stop()
	if err := install(ctx, m, binary); err != nil {
		return err
	}
	if byHand {
		if _, err := m.Shell(ctx, "systemctl daemon-reload; systemctl start gatemend || journalctl --no-pager -n 20 -u gatemend >&2"); err != nil {
			return err
		}
		return shell(ctx, m)
	}
	agent, err := start(ctx, m)
	if err != nil {
		return err
	}
	say("the agent watches. It acts only on a site that it has proven healthy once: waiting for that …")
	if err := verified(ctx, m); err != nil {
		return err
	}
	var results []result
	for _, s := range scenes {
		r, err := s.play(ctx, m)
		if err != nil {
			return err
		}
		results = append(results, r)
	}
	err = report(ctx, m, results)
	return errors.Join(err, agent.end())
}

func install(ctx context.Context, m *machine.Machine, binary string) error {
	config, err := config()
	if err != nil {
		return err
	}
	return m.InstallAgent(ctx, binary, config)
}

// config is the shipped example, armed, with the waits of a demo instead of a night's.
func config() ([]byte, error) {
	text, err := examples.FS.ReadFile("gatemend.yaml")
	if err != nil {
		return nil, err
	}
	s := string(text)
	for _, change := range [][2]string{
		{"mode: dry-run", "mode: act    "},
		{"over: 10s", "over: 2s"},
		{"gap: 15s", "gap: 1s"},
		{"after_change: 10s", "after_change: 2s"},
		{"start_grace: auto", "start_grace: 5s"},
		{"first: 60s", "first: 1s"}, // one fault after the other is what a demo is
		{"factor: 2", "factor: 1"},
		{"max: 30m", "max: 1s"},
		{"restarts_per_site: 3/1h", "restarts_per_site: 99/1h"},
		{"restarts_per_host: 5/1h", "restarts_per_host: 99/1h"},
		{"restarts_per_site_day: 6", "restarts_per_site_day: 99"},
		{"every: 30s", "every: 5s"},
		{"recurrence: 15m", "recurrence: 1m"},
	} {
		if !strings.Contains(s, change[0]) {
			return nil, fmt.Errorf("cannot prepare the demo: examples/gatemend.yaml has no %q", change[0])
		}
		s = strings.Replace(s, change[0], change[1], 1)
	}
	return []byte(s), nil
}

func verified(ctx context.Context, m *machine.Machine) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	_, err := m.Shell(ctx, `until gatemend status --json 2>/dev/null | grep -q '"baseline": [1-9]'; do sleep 0.2; done`)
	if err != nil {
		return fmt.Errorf("cannot see the agent prove the shop healthy: %w", err)
	}
	return nil
}

func say(format string, args ...any) {
	fmt.Printf("\n\x1b[1m== "+format+"\x1b[0m\n", args...)
}
