package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/policy"
)

// waiting is the ID of the plan that waits for a person, as status has it.
func (m *shop) waiting(but string) (id string) {
	m.tb.Helper()
	m.Eventually(m.tb, "something waits for approval", 40*time.Second, func() error {
		s, err := m.status()
		if err != nil {
			return err
		}
		i := s.Routes[0].Incident
		if i == nil || i.Asks() == "" || i.Asks() == but {
			return fmt.Errorf("the site is %s: %+v", s.Routes[0].State, i)
		}
		id = i.Asks()
		return nil
	})
	return id
}

// said is what the record holds of persons' words, as "approved ann".
func (m *shop) said() (l []string) {
	m.tb.Helper()
	for _, r := range m.records() {
		if string(r.Kind) != agent.RecordPerson {
			continue
		}
		var w agent.Word
		if err := json.Unmarshal(r.Data, &w); err != nil {
			m.tb.Fatal(err)
		}
		if w.At == 0 || w.Plan == "" {
			m.tb.Errorf("recorded %+v: when, and which plan?", w)
		}
		l = append(l, w.What+" "+w.By)
	}
	return l
}

// TestApprove: what is held for a person is told with the command, waits over a restart of the agent, is
// refused once the facts moved, done on a person's word, and nothing is done twice.
func TestApprove(t *testing.T) {
	for name, s := range map[string]setup{
		"manage": {sites: func(shop string) string { return strings.Replace(shop, "manage: act", "manage: ask", 1) }},
		"ladder": {kind: machine.TCP, config: "ladders: {gunicorn-crashed: [ask restart-unit]}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			m := open(t, s)
			m.Sh(t, down)
			i := m.in(agent.Escalated, 30*time.Second)
			id := m.waiting("")
			told := m.tells(i, "gunicorn-crashed", "NOT healed", "restart-unit of shop.service waits for approval", "run: sudo gatemend approve "+id)
			if told.Command != "sudo gatemend approve "+id {
				t.Errorf("the message's command is %q", told.Command)
			}
			m.ends(m.verb("status"), 4, "release it: sudo gatemend approve "+id)
			m.ends(m.verb("incidents", i.ID), 0, "waits for approval", "release it: sudo gatemend approve "+id)
			m.ends(m.verb("approve", i.ID), 2, "is an incident; what waits in it is plan "+id)
			m.ends(m.verb("approve", "0123456789ab"), 2, "cannot find plan")

			m.Sh(t, "echo '# edited' >>/srv/shop/app.py")
			m.ends(m.as("ann", "approve", id), 4, "refused: things changed since the plan was made", "moved", "file /srv/shop/app.py: ")
			next := m.waiting(id)
			m.nothingMoves(3 * time.Second)
			m.Sh(t, "systemctl restart gatemend")
			if still := m.waiting(""); still != next {
				t.Errorf("after a restart of the agent plan %s waits, it was %s", still, next)
			}
			m.did(m.in(agent.Escalated, healsWithin))
			m.ends(m.as("ann", "approve", next), 0, "healed", "restart shop.service")
			m.answers()
			m.released("ann", next)
			m.ends(m.as("bob", "approve", next), 4, "nothing waits for approval: incident "+i.ID+" recovered at")
			if got, want := fmt.Sprint(m.said()), "[approved ann refused ann approved ann refused bob]"; got != want {
				t.Errorf("the record says %s, want %s", got, want)
			}
			m.audited()
			m.untouched("files of /srv/shop")
		})
	}
}

// released checks that exactly one thing was done for real, on that person's word on that plan.
func (m *shop) released(by, id string) {
	m.tb.Helper()
	n := 0
	for _, in := range m.intents() {
		n++
		r := in.Case.Incident.Release
		if r == nil || r.By != by || policy.PlanID(r.Plan) != id || policy.PlanID(policy.Fingerprint(in.Case)) != id {
			m.tb.Errorf("the intent was released by %+v, want %s's word on %s", r, by, id)
		}
		m.sameBytes("the decision", in.Decision, policy.Decide(in.Case))
	}
	if n != 1 {
		m.tb.Errorf("%d actions, want one", n)
	}
}
