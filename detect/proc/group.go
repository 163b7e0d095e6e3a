package proc

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// InGroup reads the processes of a unit's control group (systemd's ControlGroup property) and
// of the groups below it. An empty or root group has none: it would be the whole machine.
func InGroup(group string) ([]detect.Process, error) {
	pids, err := PIDs()
	if err != nil {
		return nil, err
	}
	var in []int
	for _, pid := range pids {
		b, err := read(pid, "cgroup")
		if err == nil && parseCgroup(string(b)).in(group) {
			in = append(in, pid)
		}
	}
	return readMany(in), nil
}

// Gone is StateThen of a process that had ended at the second look.
const Gone = "gone"

// SecondLook waits and reads the processes again: StateThen is the state at the second look
// ([Gone] when there is none), Ticks the CPU used in between (1 tick is 10 ms), Looked the time
// between. The given slice is not changed; without a full wait nothing is added.
func SecondLook(ctx context.Context, procs []detect.Process, after time.Duration) []detect.Process {
	out := append([]detect.Process(nil), procs...)
	first := make([]stat, len(out))
	began := time.Now()
	for i, p := range out {
		first[i], _ = readStat(p.PID)
	}
	select {
	case <-ctx.Done():
		return out
	case <-time.After(after):
	}
	looked := detect.For(time.Since(began))
	for i := range out {
		out[i].Looked = looked
		now, err := readStat(out[i].PID)
		if err != nil || now.start != first[i].start {
			out[i].StateThen = Gone
			continue
		}
		out[i].StateThen, out[i].Ticks = now.state, now.ticks-first[i].ticks
	}
	return out
}
