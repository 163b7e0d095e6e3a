package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/policy"
)

// as runs a verb for a person, as sudo names him.
func (m *shop) as(who string, args ...string) ran {
	m.tb.Helper()
	return m.command(append([]string{"env", "SUDO_USER=" + who, "gatemend"}, args...)...)
}

// holdsChanged waits until the record says exactly this of holds: "paused ann", "resumed bob".
func (m *shop) holdsChanged(want ...string) {
	m.tb.Helper()
	m.Eventually(m.tb, fmt.Sprintf("the record says %q", want), 20*time.Second, func() error {
		var got []string
		for _, r := range m.records() {
			if string(r.Kind) != agent.RecordHold {
				continue
			}
			var c agent.HoldChange
			if err := json.Unmarshal(r.Data, &c); err != nil {
				return err
			}
			got = append(got, strings.TrimSpace(c.What+" "+c.By))
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("it says %q", got)
		}
		return nil
	})
}

// TestPause: while a person holds the site nothing is done, not by another's heal nor after a restart of
// the agent and a reboot; a person is told all the same, with whose hold it is; a resume heals at once.
func TestPause(t *testing.T) {
	m := open(t, setup{})
	m.ends(m.as("ann", "pause", "--site", "shop", "--for", "1h", "--reason", "deploy"), 0, "paused shop: held by ann (deploy) until")
	m.holdsChanged("paused ann")
	m.Sh(t, "kill -9 "+mainPID)
	i := m.refusedFor(policy.Held, 30*time.Second)
	m.tells(i, "gunicorn-crashed", "held by ann (deploy)")
	m.ends(m.as("bob", "heal", "shop"), 4, "held by ann (deploy)")
	m.ends(m.as("bob", "status"), 4, "paused", "held by ann (deploy) until")
	m.ends(m.as("bob", "resume"), 4, "still paused shop", "--owner ann")
	m.Sh(t, "systemctl restart gatemend")
	m.refusedFor(policy.Held, 40*time.Second)
	if err := m.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.Sh(t, "systemctl start nginx shop gatemend")
	m.in(agent.Recovered, 60*time.Second) // it is back with the boot: that ends the first outage
	m.Sh(t, "kill -9 "+mainPID)
	m.Eventually(t, "there is another incident", 60*time.Second, func() error {
		l, err := m.incidents()
		if err == nil && l[len(l)-1].ID == i.ID {
			err = errIncidents(l)
		}
		return err
	})
	m.refusedFor(policy.Held, 90*time.Second)
	m.did(i)
	m.ends(m.as("bob", "resume", "--owner", "ann"), 0, "resumed shop: no longer held by ann (deploy)")
	resumed := clock()
	i = m.restarted(30 * time.Second)
	if after := i.Acted.Sub(resumed).Duration(); after > 5*time.Second {
		t.Errorf("acted %s after the hold was lifted", after)
	}
	m.holdsChanged("paused ann", "resumed bob")
}

// TestPauseEnds: a hold ends by itself, and what waited for it is done then.
func TestPauseEnds(t *testing.T) {
	m := open(t, setup{})
	m.ends(m.as("ann", "pause", "--for", "30s"), 0, "paused all sites: held by ann (no reason given)")
	ends := clock().Add(30_000_000)
	m.Sh(t, "kill -9 "+mainPID)
	m.refusedFor(policy.Held, 25*time.Second)
	i := m.restarted(healsWithin)
	if early := ends.Sub(i.Acted).Duration(); early > time.Second {
		t.Errorf("acted %s before the hold ended", early)
	}
	m.holdsChanged("paused ann", "expired")
	m.ends(m.as("ann", "resume"), 0, "nothing was paused")
	m.untouched()
}

// TestPauseThatCannotBeRead: who may write where holds are could lift one, so all sites are held until
// root has mended it.
func TestPauseThatCannotBeRead(t *testing.T) {
	m := open(t, setup{prepare: "mkdir -m 777 /var/lib/gatemend-holds"})
	m.Sh(t, "kill -9 "+mainPID)
	i := m.refusedFor(policy.Held, 30*time.Second)
	m.tells(i, "gunicorn-crashed", "chmod go-w /var/lib/gatemend-holds")
	m.Sh(t, "chmod go-w /var/lib/gatemend-holds")
	m.restarted(40 * time.Second)
	m.untouched()
}
