package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// scene is one way to break the shop, and what the agent is to make of it.
type scene struct {
	title  string
	fault  string
	person string // what a person does to mend it, where the agent must not; "" where it heals by itself
	tells  string // what its record must show before the person acts
}

var scenes = []scene{
	{title: "kill -9 of gunicorn's master", fault: "kill -9 $(systemctl show -P MainPID shop.service)"},
	{title: "somebody closes the socket: chmod 0600", fault: "chmod 0600 /run/shop/shop.sock"},
	{title: "somebody removes the socket", fault: "rm /run/shop/shop.sock"},
	{title: "every gunicorn process is frozen: SIGSTOP", fault: "systemctl kill -s STOP shop.service"},
	{title: "nginx is killed", fault: "systemctl kill -s KILL nginx.service"},
	{title: "a deploy that cannot be imported: no restart helps, so none is done; the person's fix is noticed and finished",
		fault:  "cp -p /srv/shop/app.py /root/app.py; sed -i '1i import nosuchmodule' /srv/shop/app.py; systemctl restart shop || true",
		tells:  "app-import-error",
		person: "cp /root/app.py /srv/shop/app.py"},
}

// result is one scene as a client saw it.
type result struct {
	title  string
	outage machine.Outage
	mended time.Duration // from the person's fix to the first 200; 0 where there was none
}

const patience = 120 * time.Second

// play breaks the shop under a client's eyes and waits until it is served again and the record is closed.
func (s scene) play(ctx context.Context, m *machine.Machine) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	say("%s\n   $ %s", s.title, s.fault)
	w := m.Watch(ctx, machine.URL, 5*time.Millisecond)
	defer w.Stop()
	if _, err := m.Shell(ctx, s.fault); err != nil {
		return result{}, err
	}
	fixed, err := s.fix(ctx, m)
	if err != nil {
		return result{}, err
	}
	o, err := w.Outage(ctx, 300*time.Millisecond)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", s.title, err)
	}
	r := result{title: s.title, outage: o}
	if !fixed.IsZero() {
		r.mended = o.To.Sub(fixed)
	}
	fmt.Printf("   a client was without the shop for %s\n", o.Duration().Round(time.Millisecond))
	return r, closed(ctx, m)
}

// fix does what a person would do, once the agent has said what is wrong.
func (s scene) fix(ctx context.Context, m *machine.Machine) (time.Time, error) {
	if s.person == "" {
		return time.Time{}, nil
	}
	if _, err := m.Shell(ctx, `until gatemend incidents 2>/dev/null | grep escalated | grep -q `+s.tells+`; do sleep 0.1; done; gatemend incidents | tail -1`); err != nil {
		return time.Time{}, fmt.Errorf("cannot see the agent name %s: %w", s.tells, err)
	}
	fmt.Printf("   a person: $ %s\n", s.person)
	_, err := m.Shell(ctx, s.person)
	return time.Now(), err
}

// closed waits until the agent has proven the recovery, so that scenes do not overlap.
func closed(ctx context.Context, m *machine.Machine) error {
	_, err := m.Shell(ctx, `until gatemend status --json 2>/dev/null | grep -q '"state": "idle"'; do sleep 0.1; done`)
	return err
}

// report shows the record of it all.
func report(ctx context.Context, m *machine.Machine, results []result) error {
	say("what a client saw")
	for _, r := range results {
		fmt.Printf("   %8s  %s\n", r.outage.Duration().Round(time.Millisecond), r.title)
		if r.mended != 0 {
			fmt.Printf("   %8s  … of it after the person's fix\n", r.mended.Round(time.Millisecond))
		}
	}
	for _, argv := range [][]string{{"gatemend", "incidents"}, {"gatemend", "audit", "verify"}} {
		say("$ %s", strings.Join(argv, " "))
		out, err := m.Run(ctx, argv...)
		fmt.Print(out)
		if err != nil {
			return err
		}
	}
	return nil
}
