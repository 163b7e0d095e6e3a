package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

// usage is what /proc tells of the agent's process.
type usage struct {
	rss      int64         // kB
	cpu      time.Duration // user and system
	switches int64         // voluntary: each time something woke it, or a thread of it
	requests int64         // of ours that reached the app, direct ones and those through nginx
}

// resident sums up both units' processes every half second for the time of two probes, and gives the most.
const resident = `most=0; for i in $(seq 130); do
n=$(for p in $(cat /sys/fs/cgroup/system.slice/gatemend.service/cgroup.procs /sys/fs/cgroup/system.slice/gatemend-helper.service/cgroup.procs /sys/fs/cgroup/*/system.slice/gatemend.service/cgroup.procs /sys/fs/cgroup/*/system.slice/gatemend-helper.service/cgroup.procs 2>/dev/null | sort -u); do awk '/^Rss:/{print $2}' /proc/$p/smaps_rollup 2>/dev/null; done | awk '{s+=$1} END {print s+0}')
[ "$n" -le "$most" ] || most=$n; sleep 0.5; done; echo $most`

// measureIdle watches the agent on a healthy site with the shipped settings.
func measureIdle(ctx context.Context, m *machine.Machine, idle time.Duration) error {
	// The look at start is over when the shop is proven; wait one public probe's time less would measure it.
	if err := pause(ctx, 20*time.Second); err != nil {
		return err
	}
	before, err := look(ctx, m)
	if err != nil {
		return err
	}
	if err := pause(ctx, idle); err != nil {
		return err
	}
	after, err := look(ctx, m)
	if err != nil {
		return err
	}
	group, err := number(ctx, m, resident)
	if err != nil {
		return err
	}
	starts, err := number(ctx, m, `journalctl -q -o cat -u gatemend-helper.service --since "@$(($(date +%s) - `+strconv.Itoa(int(idle.Seconds()))+`))" | grep -c Started || true`)
	if err != nil {
		return err
	}
	cpu := 100 * float64(after.cpu-before.cpu) / float64(idle)
	row(fmt.Sprintf("idle for %s: resident memory of the agent", idle), fmt.Sprintf("%.1f MB", float64(after.rss)/1e3), "under 15 MB")
	row("the same, every process of the control groups, the most", fmt.Sprintf("%.1f MB", float64(group)/1e3), "under 25 MB")
	row("starts of the root helper in this time", strconv.FormatInt(starts, 10), "one for a probe that needs it")
	row("CPU", fmt.Sprintf("%.3f %%", cpu), "under 0.1 %")
	row("wake-ups of its threads a minute", fmt.Sprintf("%.0f", float64(after.switches-before.switches)/idle.Minutes()), "no timer under 5 s")
	row("requests to the app a day, by the configured intervals", strconv.Itoa(24*3600/30+24*3600/300), "at most 3200")
	row("requests to the app a day, as counted in this time", fmt.Sprintf("%.0f", float64(after.requests-before.requests)/idle.Hours()*24), "at most 3200, give or take one probe")
	return nil
}

func look(ctx context.Context, m *machine.Machine) (usage, error) {
	const script = `p=$(systemctl show -P MainPID gatemend)
awk '/^VmRSS/{print $2}' /proc/$p/status
awk '{print $14+$15}' /proc/$p/stat
cat /proc/$p/task/*/status | awk '/^voluntary/{s+=$2} END {print s}'
grep -c gatemend/ /run/shop/access.log || true`
	out, err := m.Shell(ctx, script)
	if err != nil {
		return usage{}, err
	}
	var n [4]int64
	for i, f := range strings.Fields(out) {
		if i < len(n) {
			n[i], _ = strconv.ParseInt(f, 10, 64)
		}
	}
	return usage{rss: n[0], cpu: time.Duration(n[1]) * 10 * time.Millisecond, switches: n[2], requests: n[3]}, nil
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
