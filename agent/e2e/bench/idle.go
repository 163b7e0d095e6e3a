package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// usage is what /proc tells of the agent's process.
type usage struct {
	cpu      time.Duration // user and system
	switches int64         // voluntary: each time something woke it, or a thread of it
	requests int64         // of ours that reached the app, direct ones and those through nginx
}

// resident prints each second, for so many seconds, what is resident in kB: of the agent's process, of its
// control group, of the root helper's.
const resident = `sum() { for p in $(cat /sys/fs/cgroup/system.slice/$1/cgroup.procs /sys/fs/cgroup/*/system.slice/$1/cgroup.procs 2>/dev/null | sort -u); do awk '/^Rss:/{print $2}' /proc/$p/smaps_rollup 2>/dev/null; done | awk '{s+=$1} END {print s+0}'; }
p=$(systemctl show -P MainPID gatemend)
for i in $(seq %d); do echo $(awk '/^VmRSS/{print $2}' /proc/$p/status) $(sum gatemend.service) $(sum gatemend-helper.service); sleep 1; done`

// sizes are what is resident, in bytes: a list in the order of size each for the agent, for its control
// group, and for that and the root helper's together.
func sizes(ctx context.Context, m *machine.Machine, idle time.Duration) (agent, group, both []float64, err error) {
	out, err := m.Shell(ctx, fmt.Sprintf(resident, int(idle.Seconds())))
	for line := range strings.Lines(out) {
		var a, g, h float64
		if _, err := fmt.Sscan(line, &a, &g, &h); err != nil {
			return nil, nil, nil, fmt.Errorf("cannot read what is resident: %w", err)
		}
		agent, group, both = append(agent, a*1024), append(group, g*1024), append(both, (g+h)*1024)
	}
	for _, l := range [][]float64{agent, group, both} {
		slices.Sort(l)
	}
	if err == nil && len(agent) == 0 {
		err = errors.New("cannot read what is resident: nothing was printed")
	}
	return agent, group, both, err
}

// measureIdle watches the agent on a healthy site with the shipped settings.
func measureIdle(ctx context.Context, m *machine.Machine, idle time.Duration) error {
	// The look at start is over when the shop is proven; wait one public probe's time less would measure it.
	if err := pause(ctx, 20*time.Second); err != nil {
		return err
	}
	began := time.Now()
	before, err := look(ctx, m)
	if err != nil {
		return err
	}
	agent, group, both, err := sizes(ctx, m, idle)
	if err != nil {
		return err
	}
	after, err := look(ctx, m)
	if err != nil {
		return err
	}
	took := time.Since(began) // longer than idle: what is resident takes its time to sum up
	starts, err := number(ctx, m, `journalctl -q -o cat -u gatemend-helper.service --since "@$(($(date +%s) - `+strconv.Itoa(int(took.Seconds()))+`))" | grep -c Started || true`)
	if err != nil {
		return err
	}
	cpu := 100 * float64(after.cpu-before.cpu) / float64(took)
	row(fmt.Sprintf("idle for %s: resident memory of the agent, median", idle), mb(agent[len(agent)/2]), "under 15 MB")
	row("the same, the most", mb(agent[len(agent)-1]), "under 15 MB")
	row("every process of its control group, the most", mb(group[len(group)-1]), "under 25 MB")
	row("and of the root helper's, while that runs, the most", mb(both[len(both)-1]), "no limit was set for both")
	row("starts of the root helper in this time", strconv.FormatInt(starts, 10), "one for a probe that needs it")
	row("CPU", fmt.Sprintf("%.3f %%", cpu), "under 0.1 %")
	row("wake-ups of its threads a minute", fmt.Sprintf("%.0f", float64(after.switches-before.switches)/took.Minutes()), "no timer under 5 s")
	row("requests to the app a day, by the configured intervals", strconv.Itoa(24*3600/30+24*3600/300), "at most 3200")
	row("requests to the app a day, as counted in this time", fmt.Sprintf("%.0f", float64(after.requests-before.requests)/took.Hours()*24), "at most 3200, give or take one probe")
	return nil
}

func mb(bytes float64) string { return fmt.Sprintf("%.1f MB", bytes/1e6) }

func look(ctx context.Context, m *machine.Machine) (usage, error) {
	const script = `p=$(systemctl show -P MainPID gatemend)
awk '{print $14+$15}' /proc/$p/stat
cat /proc/$p/task/*/status | awk '/^voluntary/{s+=$2} END {print s}'
grep -c gatemend/ /run/shop/access.log || true`
	out, err := m.Shell(ctx, script)
	if err != nil {
		return usage{}, err
	}
	var n [3]int64
	for i, f := range strings.Fields(out) {
		if i < len(n) {
			n[i], _ = strconv.ParseInt(f, 10, 64)
		}
	}
	return usage{cpu: time.Duration(n[0]) * 10 * time.Millisecond, switches: n[1], requests: n[2]}, nil
}

func number(ctx context.Context, m *machine.Machine, script string) (int64, error) {
	out, err := m.Shell(ctx, script)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(out), 10, 64)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
