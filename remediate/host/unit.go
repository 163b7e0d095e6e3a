package host

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// unit is the little of a unit's state that decides whether an effect may go on.
type unit struct {
	name, load, file    string
	freezer             string // FreezerState: "running", frozen …; "" before systemd 246
	active, sub, result string
	job                 string // type of a queued or running job
	mainPID             int
	tasks               uint64 // math.MaxUint64: not known, or no control group
	stop, start         detect.Span
	props               map[string]any
}

// read gives the unit's state now; a unit that does not exist is one with load "not-found".
func (b *bus) read(ctx context.Context, name string) (unit, error) {
	p, err := b.GetAllPropertiesContext(ctx, name)
	if err != nil {
		return unit{}, fmt.Errorf("the state of %s cannot be read: %w", name, err)
	}
	u := unit{
		name: name, props: p,
		load: text(p, "LoadState"), file: text(p, "UnitFileState"),
		freezer: text(p, "FreezerState"),
		active:  text(p, "ActiveState"), sub: text(p, "SubState"), result: text(p, "Result"),
		mainPID: int(number(p, "MainPID")), tasks: number(p, "TasksCurrent"),
		stop: span(p, "TimeoutStopUSec"), start: span(p, "TimeoutStartUSec"),
	}
	if strings.HasSuffix(name, ".socket") {
		u.start = span(p, "TimeoutUSec") // sockets have one limit for both
		u.stop = u.start
	}
	if job := number(p, "Job"); job != 0 {
		if u.job, err = b.jobType(ctx, uint32(job)); err != nil {
			return unit{}, err
		}
	}
	return u, nil
}

// jobType is the type of a job, "" when it is over by now.
func (b *bus) jobType(ctx context.Context, id uint32) (string, error) {
	jobs, err := b.ListJobsContext(ctx)
	if err != nil {
		return "", fmt.Errorf("the jobs of systemd cannot be read: %w", err)
	}
	for _, j := range jobs {
		if j.Id == id {
			return j.JobType, nil
		}
	}
	return "", nil
}

// String is the state for a person: "active/running, main process 123".
func (u unit) String() string {
	s := u.active + "/" + u.sub
	if u.result != "" && u.result != "success" {
		s += " (" + u.result + ")"
	}
	if u.mainPID != 0 {
		s += fmt.Sprintf(", main process %d", u.mainPID)
	}
	return s
}

// starting tells that systemd is bringing the unit up right now; waiting out RestartSec= is not yet that.
func (u unit) starting() bool {
	return u.active == "activating" && !strings.HasPrefix(u.sub, "auto-restart")
}

// foreignJob tells of a job that somebody else queued. A start job of a unit that is coming up is
// systemd's own after RestartSec=, or means the same as what is asked for.
func (u unit) foreignJob() bool {
	return u.job != "" && !(u.active == "activating" && (u.job == "start" || u.job == "restart"))
}

// touchable errs when nothing may be done to the unit at all.
func (u unit) touchable() error {
	switch {
	case u.load == "not-found":
		return errors.New("there is no such unit")
	case u.load == "masked" || strings.HasPrefix(u.file, "masked"):
		return fmt.Errorf("it is masked: somebody does not want it to run; undo it by `systemctl unmask %s`", u.name)
	case u.load != "loaded":
		return fmt.Errorf("systemd could not load it: %s", u.load)
	case u.freezer != "" && u.freezer != "running":
		// Killed now, it could not be started again: systemd 257 refuses to, and to thaw what does not run.
		return fmt.Errorf("it is %s: undo it by `systemctl thaw %s`", u.freezer, u.name)
	}
	return nil
}

func text(p map[string]any, key string) string {
	s, _ := p[key].(string)
	return s
}

func texts(p map[string]any, key string) []string {
	s, _ := p[key].([]string)
	return s
}

// number reads an unsigned property, the id of a (id, path) pair included.
func number(p map[string]any, key string) uint64 {
	switch v := p[key].(type) {
	case uint32:
		return uint64(v)
	case uint64:
		return v
	case []any:
		if len(v) > 0 {
			id, _ := v[0].(uint32)
			return uint64(id)
		}
	}
	return 0
}

func span(p map[string]any, key string) detect.Span {
	n := number(p, key)
	if n > math.MaxInt64 {
		return detect.Forever
	}
	return detect.Span(n)
}
