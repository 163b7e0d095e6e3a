package host

import (
	"context"
	"fmt"
	"math"
	"strings"
	"syscall"
	"time"

	systemd "github.com/coreos/go-systemd/v22/dbus"
	"github.com/gatemend/gatemend/remediate"
)

// endLeftovers kills every process in the unit's control group and waits until they are gone.
// systemd picks the processes: nothing outside the unit can be hit. SIGKILL also ends stopped
// processes (signal(7)), which a polite TERM would leave waiting until TimeoutStopSec=.
func (b *bus) endLeftovers(ctx context.Context, name string) (remediate.Result, error) {
	before, err := b.readable(ctx, name)
	if err != nil {
		return remediate.Result{}, err
	}
	res := remediate.Result{Before: before.String()}
	if before.starting() {
		return res, fmt.Errorf("it is being started (%s): what runs is new, nothing is left over", before)
	}
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	if err := b.KillUnitWithTarget(ctx, name, systemd.All, int32(syscall.SIGKILL)); err != nil {
		return res, refusedOrUnseen(err)
	}
	err = b.until(ctx, name, func(now unit) bool { return ended(before, now) })
	res.After = b.after(name)
	return res, err
}

// ended tells that what ran before is gone: nothing runs, or systemd has begun anew.
func ended(before, now unit) bool {
	if now.mainPID != 0 {
		return now.mainPID != before.mainPID
	}
	empty := now.tasks == 0 || now.tasks == math.MaxUint64
	switch now.active {
	case "inactive", "failed":
		return empty
	case "activating":
		return empty && strings.HasPrefix(now.sub, "auto-restart")
	}
	return false
}

// until polls the unit: the change comes within milliseconds, and signals come repeated and mixed.
func (b *bus) until(ctx context.Context, name string, reached func(unit) bool) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		now, err := b.read(ctx, name)
		if err == nil && reached(now) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("its processes are still there (%s): %w", now, ctx.Err())
		case <-b.lost.Done():
			return fmt.Errorf("the connection to systemd was lost: %w", remediate.ErrUnseen)
		case <-tick.C:
		}
	}
}
