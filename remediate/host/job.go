package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gatemend/gatemend/remediate"
	"github.com/godbus/dbus/v5"
)

// enqueue is one of go-systemd's calls that make a job.
type enqueue func(ctx context.Context, unit, mode string, result chan<- string) (int, error)

const (
	callTime   = 25 * time.Second // one call that makes no job; PID 1 may be busy with a reload
	reloadTime = 90 * time.Second // daemon-reload runs all generators
	settleTime = 10 * time.Second
	pollEvery  = 20 * time.Millisecond
)

// job enqueues one job and waits for its end, as long as the unit's own limits allow.
//
// The mode is "fail": a queued job that ours would change makes the call fail, where "replace"
// would throw a person's `systemctl stop` away.
func (b *bus) job(ctx context.Context, name string, call enqueue) (remediate.Result, error) {
	before, err := b.readable(ctx, name)
	if err != nil {
		return remediate.Result{}, err
	}
	res := remediate.Result{Before: before.String()}
	if before.starting() {
		res.After = before.String() + ": already being started, left alone"
		return res, nil
	}
	ctx, cancel := context.WithTimeout(ctx, remediate.JobDeadline(before.stop, before.start))
	defer cancel()
	res.Job, err = b.wait(ctx, name, call)
	res.After = b.after(name)
	return res, err
}

// readable is the unit's state, where something may be done to it.
func (b *bus) readable(ctx context.Context, name string) (unit, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	u, err := b.read(ctx, name)
	if err == nil {
		err = u.touchable()
	}
	if err == nil && u.foreignJob() {
		err = fmt.Errorf("it has a %s job that is not ours", u.job)
	}
	return u, err
}

// wait enqueues and waits. The channel must have room: go-systemd delivers all results of the
// connection one after the other and would block for ever.
func (b *bus) wait(ctx context.Context, name string, call enqueue) (string, error) {
	done := make(chan string, 1)
	if _, err := call(ctx, name, "fail", done); err != nil {
		return "", refusedOrUnseen(err)
	}
	select {
	case result := <-done:
		if result != "done" {
			return result, fmt.Errorf("systemd ended the job with %q; see `systemctl status %s`", result, name)
		}
		return result, nil
	case <-b.lost.Done():
		return "", fmt.Errorf("the connection to systemd was lost: %w", remediate.ErrUnseen)
	case <-ctx.Done():
		return "", fmt.Errorf("the job is not over (%w): %w", ctx.Err(), remediate.ErrUnseen)
	}
}

// refusedOrUnseen tells an answer of systemd, which means that nothing was enqueued, from no answer.
func refusedOrUnseen(err error) error {
	var answer dbus.Error
	if !errors.As(err, &answer) {
		return fmt.Errorf("systemd did not answer (%w): %w", err, remediate.ErrUnseen)
	}
	if answer.Name == "org.freedesktop.systemd1.TransactionIsDestructive" {
		return fmt.Errorf("it has a job that is not ours: %w", err)
	}
	return err
}

// after reads the state for the report, also when the effect's own time is over.
func (b *bus) after(name string) string {
	ctx, cancel := context.WithTimeout(context.Background(), dialTime)
	defer cancel()
	u, err := b.read(ctx, name)
	if err != nil {
		return ""
	}
	return u.String()
}

func (b *bus) resetFailed(ctx context.Context, name string) (remediate.Result, error) {
	before, err := b.readable(ctx, name)
	if err != nil {
		return remediate.Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if err := b.ResetFailedUnitContext(ctx, name); err != nil {
		return remediate.Result{Before: before.String()}, refusedOrUnseen(err)
	}
	return remediate.Result{Before: before.String(), After: b.after(name)}, nil
}

// daemonReload makes systemd read all unit files again, on behalf of one unit.
func (b *bus) daemonReload(ctx context.Context, name string) (remediate.Result, error) {
	before, err := b.readable(ctx, name)
	if err != nil {
		return remediate.Result{}, err
	}
	if stale, known := before.props["NeedDaemonReload"].(bool); known && !stale {
		return remediate.Result{Before: before.String(), After: before.String() + ": systemd has read its files already"}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, reloadTime)
	defer cancel()
	if err := b.ReloadContext(ctx); err != nil {
		return remediate.Result{Before: before.String()}, refusedOrUnseen(err)
	}
	after, err := b.readable(ctx, name)
	if err != nil {
		return remediate.Result{Before: before.String()}, err
	}
	return remediate.Result{Before: before.String(), After: after.String()}, nil
}
