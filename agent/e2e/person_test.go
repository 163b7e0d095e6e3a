package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// soon are the waits after a person's stop, short enough for a test.
const soon = "operator_stop: {tell: 12s, start_after: 1m}\n"

// refusedFor waits until the latest incident is held back for that reason.
func (m *shop) refusedFor(code policy.Code, within time.Duration) agent.Incident {
	m.tb.Helper()
	var last agent.Incident
	m.Eventually(m.tb, "an action is refused: "+string(code), within, func() error {
		l, err := m.incidents()
		if err != nil || len(l) == 0 {
			return fmt.Errorf("no incident yet: %v", err)
		}
		last = l[len(l)-1]
		if !refusedBy(last, code) {
			return fmt.Errorf("%s is %s: %s", last.ID, last.State, why(last))
		}
		return nil
	})
	m.did(last)
	return last
}

// leftAlone waits until the agent says why it leaves the site alone, of which nobody is told yet.
func (m *shop) leftAlone() {
	m.tb.Helper()
	m.Eventually(m.tb, "status says that a person stopped it", 30*time.Second, func() error {
		s, err := m.status()
		if err == nil && !strings.Contains(s.Routes[0].Waits, "not ours") {
			err = fmt.Errorf("%s: %s", s.Routes[0].State, s.Routes[0].Waits)
		}
		return err
	})
	if told := m.told(); told != "" {
		m.tb.Error("told at once of a person's own stop: ", told)
	}
}

// clock is the machine's time, as the agent's records have it.
func clock() detect.Time { return detect.At(time.Now()) }

// TestPersonStops: after `systemctl stop` a person is told after a while, and the unit is started
// only much later.
func TestPersonStops(t *testing.T) {
	m := open(t, setup{config: soon})
	m.Sh(t, "systemctl stop shop")
	stopped := clock()
	m.leftAlone()
	i := m.in(agent.Escalated, healsWithin)
	if told := clock().Sub(stopped).Duration(); told < 11*time.Second {
		t.Errorf("told after %s, want 12 s", told)
	}
	m.tells(i, "gunicorn-stopped")
	i = m.healed(90*time.Second, detect.GunicornStopped, policy.StartUnit)
	if after := i.Actions[0].Started.Sub(stopped).Duration(); after < time.Minute-time.Second {
		t.Errorf("started %s after the stop, want not before a minute", after)
	}
	m.untouched()
}

// TestPersonStaysLoggedIn: as long as a login session from before the stop is open, its owner is at work.
func TestPersonStaysLoggedIn(t *testing.T) {
	m := open(t, setup{config: soon})
	m.Sh(t, `systemd-run -q --unit=person -p PAMName=login -p User=root -E XDG_SESSION_CLASS=user sleep 1000
timeout 30 sh -c 'until loginctl list-sessions --no-legend | grep -q root; do sleep 0.1; done'
systemctl stop shop`)
	stopped := clock()
	m.in(agent.Escalated, healsWithin)
	m.Eventually(t, "the open session holds the start back", 90*time.Second, func() error {
		s, err := m.status()
		if err != nil {
			return err
		}
		if i := s.Routes[0].Incident; i == nil || !strings.Contains(why(*i), "session") {
			return fmt.Errorf("%+v", i)
		}
		return nil
	})
	if after := clock().Sub(stopped).Duration(); after < time.Minute-time.Second {
		t.Errorf("judged by the session after %s already", after)
	}
	m.Sh(t, "systemctl stop person")
	m.healed(90*time.Second, detect.GunicornStopped, policy.StartUnit)
}

// TestPersonHeals: `gatemend heal` is a person, and starts at once what a person stopped.
func TestPersonHeals(t *testing.T) {
	m := open(t, setup{})
	m.Sh(t, "systemctl stop shop")
	m.leftAlone()
	asked := time.Now()
	out, err := m.Run(t.Context(), "gatemend", "heal", "shop")
	if err != nil || !strings.Contains(out, "healed") {
		t.Fatalf("heal: %v: %s", err, out)
	}
	if took := time.Since(asked); took > 30*time.Second {
		t.Errorf("heal took %s", took)
	}
	m.healed(5*time.Second, detect.GunicornStopped, policy.StartUnit)
}

// TestPackageLock: while a package manager is at work its lock holds us back, and no longer.
func TestPackageLock(t *testing.T) {
	m := open(t, setup{})
	m.Sh(t, `systemd-run -q --unit=upgrade python3 -c '
import fcntl, time
f = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(f, fcntl.LOCK_EX)
time.sleep(1000)'
timeout 20 sh -c 'until grep -q "POSIX.*:$(stat -c %i /var/lib/dpkg/lock-frontend) 0 EOF" /proc/locks; do sleep 0.1; done'
kill -9 `+mainPID)
	m.refusedFor(policy.PackageLock, healsWithin)
	m.Sh(t, "systemctl stop upgrade")
	released := clock()
	i := m.healed(healsWithin, detect.GunicornCrashed, policy.RestartUnit)
	if i.Actions[0].Started < released {
		t.Error("acted while the lock was held")
	}
	m.untouched()
}

// TestDeployInProgress: files that still change are left to settle before anything is started.
func TestDeployInProgress(t *testing.T) {
	m := open(t, setup{})
	m.Sh(t, `systemd-run -q --unit=deploy sh -c 'for i in 1 2 3; do for j in 1 2 3 4 5 6 7 8 9 10; do cp /srv/shop/app.py /srv/shop/new.py; mv /srv/shop/new.py /srv/shop/app.py; sleep 0.5; done; done'
timeout 20 sh -c 'until systemctl is-active -q deploy; do sleep 0.1; done'
kill -9 `+mainPID)
	m.refusedFor(policy.FilesChanging, 15*time.Second) // while the deploy goes on
	i := m.healed(healsWithin, detect.GunicornCrashed, policy.RestartUnit)
	last := m.Sh(t, "stat -c %Z /srv/shop/app.py")
	var changed int64
	if _, err := fmt.Sscan(last, &changed); err != nil {
		t.Fatal(err)
	}
	if quiet := i.Actions[0].Started.Sub(detect.At(time.Unix(changed, 0))).Duration(); quiet < 2*time.Second {
		t.Errorf("acted %s after the last change, want 2 s of quiet", quiet)
	}
	m.untouched("files of /srv/shop")
}
