package unit

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Unit reads a .service or .socket unit. A unit that does not exist is no error: its Load is
// "not-found". Parts of the unit that cannot be read (a file without permission, a dependent that went
// away) are left empty.
func (b *Bus) Unit(ctx context.Context, name string) (*detect.Unit, error) {
	u, err := b.read(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("cannot read unit %q: %w", name, err)
	}
	return u, nil
}

func (b *Bus) read(ctx context.Context, name string) (*detect.Unit, error) {
	u := &detect.Unit{Name: name, UID: -1, GID: -1}
	p, err := b.properties(ctx, name, "Unit")
	if err != nil {
		return nil, err
	}
	readUnit(u, p)
	if u.Job, err = b.job(ctx, p); err != nil {
		return nil, err
	}
	u.TakenAlong = b.reached(ctx, name, tied(p, ties))
	u.Conflicts = b.reached(ctx, name, tied(p, conflicts))

	switch {
	case strings.HasSuffix(name, ".service"):
		own, err := b.properties(ctx, name, "Service")
		if err != nil {
			return nil, err
		}
		readService(u, own)
		b.readServer(ctx, u, own)
	case strings.HasSuffix(name, ".socket"):
		own, err := b.properties(ctx, name, "Socket")
		if err != nil {
			return nil, err
		}
		readSocket(u, own)
	}
	return u, nil
}

// job gives the details of the unit's job. One that is done by the time it is asked for is none.
func (b *Bus) job(ctx context.Context, p properties) (*detect.Job, error) {
	id := jobID(p)
	if id == 0 {
		return nil, nil
	}
	var j properties
	if err := b.call(ctx, jobPath(p), getAll, []any{service + ".Job"}, &j); err != nil {
		return nil, ctx.Err()
	}
	return &detect.Job{ID: id, Type: j.text("JobType"), State: j.text("State")}, nil
}

// listensOf gives what the .socket units that start a service listen on.
func (b *Bus) listensOf(ctx context.Context, triggeredBy []string) (targets []detect.Target) {
	for _, name := range triggeredBy {
		if !strings.HasSuffix(name, ".socket") {
			continue
		}
		if p, err := b.properties(ctx, name, "Socket"); err == nil {
			targets = append(targets, listens(p.pairs("Listen"))...)
		}
	}
	return targets
}
