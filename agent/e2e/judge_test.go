package e2e

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// incidents is what the record says happened, oldest first.
func (m *shop) incidents() ([]agent.Incident, error) {
	var l []agent.Incident
	err := m.json(&l, "gatemend", "incidents", "--json")
	slices.SortStableFunc(l, func(a, b agent.Incident) int { return int(a.Noticed - b.Noticed) })
	return l, err
}

// in waits until the latest incident is in a state, and returns it.
func (m *shop) in(state agent.State, within time.Duration) agent.Incident {
	m.tb.Helper()
	var last agent.Incident
	m.Eventually(m.tb, "an incident is "+string(state), within, func() error {
		l, err := m.incidents()
		if err != nil {
			return err
		}
		if len(l) == 0 {
			return fmt.Errorf("there is no incident")
		}
		last = l[len(l)-1]
		if last.State != state {
			return fmt.Errorf("incident %s is %s: %s (%d %%): %s", last.ID, last.State, last.Diagnosis.Primary.Cause, last.Diagnosis.Primary.Confidence, why(last))
		}
		return nil
	})
	return last
}

func why(i agent.Incident) string {
	if i.Decision == nil {
		return "no decision"
	}
	s := string(i.Decision.Do) + ": " + i.Decision.Why
	for _, r := range i.Decision.Refusals {
		s += "; " + string(r.Code) + ": " + r.Why
	}
	return s
}

// healed waits for a recovered incident of that cause, and checks that exactly these actions
// were done, that the site answers, that the record is whole and that nothing else was touched.
func (m *shop) healed(within time.Duration, cause detect.Cause, verbs ...policy.Verb) agent.Incident {
	m.tb.Helper()
	i := m.in(agent.Recovered, within)
	m.causeWas(i, cause)
	m.did(i, verbs...)
	m.answers()
	m.audited()
	return i
}

// restarted waits for a crash to be healed by one restart. A worker that is busy, as on a busy machine any
// may be, is ended first.
func (m *shop) restarted(within time.Duration) agent.Incident {
	m.tb.Helper()
	i := m.in(agent.Recovered, within)
	m.causeWas(i, detect.GunicornCrashed)
	if len(i.Actions) != 1 || !slices.Contains([]policy.Verb{policy.RestartUnit, policy.EndLeftoversRestart}, i.Actions[0].Verb) {
		m.tb.Errorf("actions %+v, want one restart: %s", i.Actions, why(i))
	}
	m.answers()
	m.audited()
	return i
}

// escalated waits for an incident that waits for a person, with that cause and no action.
func (m *shop) escalated(within time.Duration, cause detect.Cause) agent.Incident {
	m.tb.Helper()
	i := m.in(agent.Escalated, within)
	m.causeWas(i, cause)
	m.did(i)
	m.audited()
	return i
}

// causeWas compares the cause that was acted on or told. A recovered incident holds its last diagnosis.
func (m *shop) causeWas(i agent.Incident, cause detect.Cause) {
	m.tb.Helper()
	got := i.Diagnosis.Primary.Cause
	if i.Decision != nil && i.Decision.Action != nil {
		got = i.Decision.Action.Cause
	}
	if got != cause {
		m.tb.Errorf("cause %q, want %q; trace: %v", got, cause, i.Diagnosis.Trace)
	}
}

func (m *shop) did(i agent.Incident, verbs ...policy.Verb) {
	m.tb.Helper()
	var got []policy.Verb
	for _, a := range i.Actions {
		if !a.Refused {
			got = append(got, a.Verb)
		}
	}
	if !slices.Equal(got, verbs) {
		m.tb.Errorf("actions %v, want %v: %s", got, verbs, why(i))
	}
}

// answers asks the site as a client does.
func (m *shop) answers() {
	m.tb.Helper()
	m.Eventually(m.tb, "the site answers 200", 20*time.Second, func() error { return m.Serves(m.tb.Context(), machine.URL) })
}

// audited checks that the record is whole.
func (m *shop) audited() {
	m.tb.Helper()
	if out, err := m.Run(m.tb.Context(), "gatemend", "audit", "verify"); err != nil {
		m.tb.Errorf("the record is not whole: %v: %s", err, out)
	}
}

// errIncidents lists incidents in one line.
func errIncidents(l []agent.Incident) error {
	s := fmt.Sprintf("%d incidents:", len(l))
	for _, i := range l {
		s += fmt.Sprintf(" %s %s %s (%s);", i.ID, i.State, i.Diagnosis.Primary.Cause, why(i))
	}
	return errors.New(s)
}
