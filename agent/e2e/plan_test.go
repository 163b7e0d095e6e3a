package e2e

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// down kills gunicorn and waits until its unit is down.
const down = "kill -9 " + mainPID + "; timeout 20 sh -c 'while systemctl is-active -q shop; do sleep 0.1; done'"

// shownPlan is what `plan --json` prints of one route.
type shownPlan struct {
	ID          string          `json:"id"`
	Fingerprint string          `json:"fingerprint"`
	Case        policy.Case     `json:"case"`
	Decision    policy.Decision `json:"decision"`
}

// planned waits until `plan` has something to do, and gives what it shows.
func (m *shop) planned() (p shownPlan) {
	m.tb.Helper()
	m.Eventually(m.tb, "there is a plan", healsWithin, func() error {
		r := m.verb("plan", "--json")
		var plans []shownPlan
		if err := json.Unmarshal([]byte(r.out), &plans); err != nil || len(plans) != 1 {
			return fmt.Errorf("%v: exit code %d: %.500s %s", err, r.code, r.out, r.err)
		}
		if p = plans[0]; p.ID == "" {
			return fmt.Errorf("%s: %s", p.Decision.Do, p.Decision.Why)
		}
		return nil
	})
	return p
}

// actedOn checks that the last thing done for real is that plan, and how many there were.
func (m *shop) actedOn(p shownPlan, n int) {
	m.tb.Helper()
	var last remediate.Intent
	var seq int64
	for s, in := range m.intents() {
		if in.Dry {
			continue
		}
		if n--; s > seq {
			seq, last = s, in
		}
	}
	if n != 0 {
		m.tb.Errorf("%d actions too few", n)
	}
	m.sameBytes("what was done", last.Decision.Action, p.Decision.Action)
	if policy.Fingerprint(last.Case) != p.Fingerprint {
		m.tb.Errorf("acted on another plan: %q\n%s", policy.Moved(p.Case, last.Case), cmp.Diff(p.Case, last.Case))
	}
	if r := last.Case.Incident.Release; r == nil || r.Plan != p.Fingerprint || r.By != "ann" {
		m.tb.Errorf("the record says of who released it: %+v", r)
	}
}

// TestHealByPlan: what a person read is what is done, or it is refused and said what moved; by the
// running agent, which only watches here, and without one.
func TestHealByPlan(t *testing.T) {
	for name, alone := range map[string]bool{"by the agent": false, "without an agent": true} {
		t.Run(name, func(t *testing.T) {
			m := open(t, setup{dry: true})
			if alone {
				m.Sh(t, "systemctl stop gatemend")
			}
			m.Sh(t, down)
			if !alone {
				m.in(agent.Escalated, 30*time.Second)
			}
			for _, tt := range []struct{ move, back, says string }{
				{"systemctl reset-failed shop", "systemctl start shop; " + down, "state of shop.service: failed (failed) → inactive (dead)"},
				{"echo '# edited' >>/srv/shop/app.py", "true", "file /srv/shop/app.py: "},
				{"gatemend pause --reason deploy", "gatemend resume", "(deploy)"},
			} {
				p := m.planned()
				m.ends(m.verb("plan"), 3, "sudo gatemend heal --plan "+p.ID)
				m.Sh(t, tt.move)
				m.ends(m.as("ann", "heal", "--plan", p.ID), 4, "refused: things changed since the plan was made", "moved", tt.says)
				m.Sh(t, tt.back)
			}
			p := m.planned()
			m.ends(m.as("ann", "heal", "--plan", p.ID), 0, "healed")
			m.answers()
			m.actedOn(p, 1)
			m.ends(m.verb("heal", "--plan", p.ID), 0, "nothing to do")
			m.ends(m.verb("heal", "--plan", "0123456789ab"), 2, "cannot find plan")

			m.Sh(t, "chmod 0000 /run/shop/shop.sock")
			p = m.planned()
			m.Sh(t, "chmod 0600 /run/shop/shop.sock")
			m.ends(m.as("ann", "heal", "--plan", p.ID), 4, "mode of /run/shop/shop.sock: 0000 → 0600")
			p = m.planned()
			m.ends(m.as("ann", "heal", "--plan", p.ID), 0, "healed", "set mode")
			m.answers()
			m.actedOn(p, 2)
			m.audited()
			m.untouched("files of /srv/shop")
		})
	}
}
