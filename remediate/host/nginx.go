package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gatemend/gatemend/remediate"
)

// workersTime is how long a reload may take to bring up workers: the master reads the
// configuration again and forks.
const workersTime = 5 * time.Second

// startNginx starts nginx where its configuration is right and its ports are free: certbot
// --standalone holds port 80 while it renews.
func (h *Host) startNginx(ctx context.Context, b *bus, name string) (remediate.Result, error) {
	if err := h.tested(ctx); err != nil {
		return remediate.Result{}, err
	}
	if h.Foreign == nil {
		return remediate.Result{}, errors.New("nothing here knows who holds its ports")
	}
	others, err := h.Foreign(ctx)
	if err != nil {
		return remediate.Result{}, fmt.Errorf("it is not known who holds its ports: %w", err)
	}
	if len(others) > 0 {
		return remediate.Result{}, fmt.Errorf("%s is held by %s", others[0].Target, ownersOf(others[0].Owners))
	}
	return b.job(ctx, name, b.StartUnitContext)
}

// reloadNginx reloads, and proves it by workers that were not there before: a reload whose master
// cannot bind a new address ends as "done" while the old configuration stays in force (nginx keeps
// the old cycle, ngx_init_cycle in src/core/ngx_cycle.c).
func (h *Host) reloadNginx(ctx context.Context, b *bus, name string) (remediate.Result, error) {
	u, err := b.readable(ctx, name)
	if err != nil {
		return remediate.Result{}, err
	}
	if u.active != "active" || u.mainPID == 0 {
		return remediate.Result{Before: u.String()}, fmt.Errorf("it is %s, there is nothing to reload", u)
	}
	before, err := workersOf(u.mainPID)
	if err != nil {
		return remediate.Result{Before: u.String()}, err
	}
	if err := h.tested(ctx); err != nil {
		return remediate.Result{Before: before.String()}, err
	}
	res, err := b.job(ctx, name, b.ReloadUnitContext)
	res.Before = before.String()
	if err != nil {
		return res, err
	}
	now, err := newWorkers(ctx, u.mainPID, before)
	res.After = now.String()
	return res, err
}

// tested errs unless `nginx -t` passes now.
func (h *Host) tested(ctx context.Context) error {
	if h.Tester == nil {
		return errors.New("nothing here can test its configuration")
	}
	t, err := h.Tester.NginxTest(ctx)
	if err != nil {
		return fmt.Errorf("its configuration could not be tested: %w", err)
	}
	if !t.OK {
		return fmt.Errorf("its configuration is invalid: %s", t.Message)
	}
	return nil
}

// newWorkers waits for a worker that is not among the old ones.
func newWorkers(ctx context.Context, master int, old workers) (workers, error) {
	ctx, cancel := context.WithTimeout(ctx, workersTime)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		now, err := workersOf(master)
		if err == nil && now.without(old) > 0 {
			return now, nil
		}
		select {
		case <-ctx.Done():
			return now, errors.New("no new worker came up, so the old configuration is still in force; its error log says why")
		case <-tick.C:
		}
	}
}

func (w workers) String() string {
	var out []string
	for _, one := range w {
		out = append(out, fmt.Sprint(one.pid))
	}
	return "workers " + strings.Join(out, ", ")
}
