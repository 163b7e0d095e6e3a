package remediate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Units reads one unit's state; detect/unit's Bus does.
type Units interface {
	Unit(ctx context.Context, name string) (*detect.Unit, error)
}

// Looks are the two questions that only root can answer; detect/look does. The connection is nil
// unless it was accepted.
type Looks interface {
	ConnectAsWorker(ctx context.Context, site, route string) (net.Conn, detect.Connect, error)
	NginxTest(ctx context.Context) (detect.ConfTest, error)
}

// Preconditions is the fresh look between decision and intent. It reads one unit and, by the
// cause, asks one question more; every answer that is missing refuses.
type Preconditions struct {
	Units Units
	Looks Looks
	Holds func(context.Context) []policy.Hold // as they stand now
}

// Recheck errs with the first precondition that no longer holds.
func (p Preconditions) Recheck(ctx context.Context, c policy.Case, a policy.Action) error {
	if err := p.unheld(ctx, c, a); err != nil {
		return err
	}
	if err := p.unit(ctx, c, a); err != nil {
		return err
	}
	switch a.Verb {
	case policy.StartNginx, policy.ReloadNginx:
		return p.config(ctx)
	}
	return p.connect(ctx, c, a)
}

// unheld errs when a person paused the site since the case was made.
func (p Preconditions) unheld(ctx context.Context, c policy.Case, a policy.Action) error {
	if p.Holds == nil {
		return errors.New("it cannot be told whether the site is held")
	}
	by := ""
	if c.Incident.Person {
		by = c.Incident.By
	}
	if h, held := policy.Holding(p.Holds(ctx), policy.Under(&a), by, detect.At(time.Now())); held {
		return errors.New("the site is " + h.String())
	}
	return nil
}

func (p Preconditions) unit(ctx context.Context, c policy.Case, a policy.Action) error {
	then := unitOf(c.Facts, a)
	if then == nil {
		return errors.New("the case knows nothing of the unit")
	}
	now, err := p.Units.Unit(ctx, then.Name)
	if err != nil {
		return fmt.Errorf("cannot read %s: %w", then.Name, err)
	}
	if err := untouched(now); err != nil {
		return err
	}
	if err := p.taken(ctx, now, a.Verb, c.Facts.Route); err != nil {
		return err
	}
	return same(then, now, a.Verb)
}

// untouched errs when a person or systemd has the unit in hand.
func untouched(u *detect.Unit) error {
	switch {
	case u == nil || u.Load == "not-found":
		return errors.New("the unit is gone")
	case u.Load == "masked" || strings.HasPrefix(u.FileState, "masked"):
		return fmt.Errorf("%s is masked now", u.Name)
	case u.Load != "loaded":
		return fmt.Errorf("%s is not loaded: %s", u.Name, u.Load)
	case u.Freezer != "":
		return fmt.Errorf("%s is %s now", u.Name, u.Freezer)
	case u.Job != nil:
		return fmt.Errorf("%s has a %s job that is not ours", u.Name, u.Job.Type)
	case u.Active == "activating" && u.Sub != "auto-restart" && u.Sub != "auto-restart-queued":
		return fmt.Errorf("%s is starting", u.Name)
	}
	return nil
}

// taken errs when an effect on the unit would take along, or stop, an active unit that nobody allowed.
func (p Preconditions) taken(ctx context.Context, u *detect.Unit, v policy.Verb, r detect.Route) error {
	var service *detect.Unit
	if v == policy.StartSocket || v == policy.RestartSocket {
		var err error
		if service, err = p.Units.Unit(ctx, r.Unit); err != nil {
			return fmt.Errorf("cannot read %s: %w", r.Unit, err)
		}
	}
	for _, unit := range policy.Reached(v, r, u, service) {
		if !slices.Contains(r.Also, unit) {
			return fmt.Errorf("%s would be taken along", unit)
		}
	}
	return nil
}

// same errs when the unit runs another main process than the case saw, or runs although the
// remedy is for one that does not. Going further down by itself (deactivating, then failed) is
// the same outage.
func same(then, now *detect.Unit, v policy.Verb) error {
	switch v {
	case policy.StartUnit, policy.StartSocket, policy.ResetFailedStart, policy.StartNginx:
		if now.Running() {
			return fmt.Errorf("%s is running again", now.Name)
		}
		return nil
	}
	switch {
	case now.Running() && !then.Running():
		return fmt.Errorf("%s is running again", now.Name)
	case now.Running() && now.MainPID != then.MainPID:
		return fmt.Errorf("%s was restarted: its main process is %d, it was %d", now.Name, now.MainPID, then.MainPID)
	case v == policy.ReloadNginx && !now.Running():
		return fmt.Errorf("%s is not running", now.Name)
	}
	return nil
}

func (p Preconditions) config(ctx context.Context) error {
	if p.Looks == nil {
		return errors.New("nginx's configuration cannot be tested here")
	}
	t, err := p.Looks.NginxTest(ctx)
	if err != nil {
		return fmt.Errorf("cannot test nginx's configuration: %w", err)
	}
	if !t.OK {
		return fmt.Errorf("nginx -t fails: %s", t.Message)
	}
	return nil
}

// decisive is the outcome of a connect as nginx's worker that the cause rests on.
var decisive = map[detect.Cause]detect.Outcome{
	detect.SocketMissing:    detect.Missing,
	detect.SocketStale:      detect.Refused,
	detect.SocketPermission: detect.Denied,
	detect.SocketDirPerm:    detect.Denied,
}

func (p Preconditions) connect(ctx context.Context, c policy.Case, a policy.Action) error {
	want, ok := decisive[a.Cause]
	if !ok {
		return nil
	}
	if p.Looks == nil {
		return errors.New("the socket cannot be tried as nginx's worker here")
	}
	conn, got, err := p.Looks.ConnectAsWorker(ctx, a.Site, a.Route)
	if conn != nil {
		_ = conn.Close()
	}
	if err != nil {
		return fmt.Errorf("cannot try %s as nginx's worker: %w", c.Facts.Route.Target, err)
	}
	if got.Outcome != want {
		return fmt.Errorf("a connect to %s as nginx's worker is %s now, it was %s", c.Facts.Route.Target, got.Outcome, want)
	}
	return nil
}
