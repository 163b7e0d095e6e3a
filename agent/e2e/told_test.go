package e2e

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/notify"
	"github.com/gatemend/gatemend/detect"
)

// told is a message as the notifier's command gets it on standard input.
type told struct {
	notify.Message
	Text string `json:"text"`
}

// messages is what was delivered to the command, oldest first.
func (m *shop) messages() ([]told, error) {
	out, err := m.Shell(m.tb.Context(), "cat /var/lib/gatemend/told 2>/dev/null || true")
	if err != nil {
		return nil, err
	}
	var all []told
	for line := range strings.Lines(out) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		var one told
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			return nil, fmt.Errorf("a message is no JSON: %w: %.300s", err, line)
		}
		all = append(all, one)
	}
	return all, nil
}

// headline is `HOST SITE: 502 for 41 s, app-import-error, NOT healed`.
var headline = regexp.MustCompile(`^\S+ shop: [^,]+ for [0-9.]+ (s|min), [a-z-]+, [A-Za-z ]+(, held by .+)?$`)

// tells waits for the one message that calls a person, and checks that it fits a phone and names
// what they must know.
func (m *shop) tells(i agent.Incident, cause detect.Cause, names ...string) told {
	m.tb.Helper()
	var calls []told
	m.Eventually(m.tb, "a message was delivered", 30*time.Second, func() error {
		all, err := m.messages()
		if err != nil {
			return err
		}
		calls = nil
		for _, t := range all {
			if t.Incident == i.ID && t.State != agent.ToldHealed {
				calls = append(calls, t)
			}
		}
		if len(calls) == 0 {
			return fmt.Errorf("of %d messages none is about %s", len(all), i.ID)
		}
		return nil
	})
	if len(calls) > 1 {
		m.tb.Errorf("%d messages called for one incident: %s", len(calls), texts(calls))
	}
	one := calls[len(calls)-1]
	if one.Cause != cause {
		m.tb.Errorf("the message is about %s, want %s", one.Cause, cause)
	}
	m.tb.Logf("a person reads:\n%s", one.Text)
	m.fitsPhone(one.Text)
	for _, n := range names {
		if !strings.Contains(one.Text, n) {
			m.tb.Errorf("a person is not told of %q:\n%s", n, one.Text)
		}
	}
	return one
}

// toldAgain checks that the last call of an incident tells of what is left to do.
func (m *shop) toldAgain(i agent.Incident, cause detect.Cause, names ...string) {
	m.tb.Helper()
	m.Eventually(m.tb, "a message tells of "+string(cause), 30*time.Second, func() error {
		all, err := m.messages()
		if err != nil {
			return err
		}
		last := all[len(all)-1]
		if last.Incident != i.ID || last.Cause != cause {
			return fmt.Errorf("the last message is %s", last.Text)
		}
		for _, n := range names {
			if !strings.Contains(last.Text, n) {
				return fmt.Errorf("a person is not told of %q: %s", n, last.Text)
			}
		}
		return nil
	})
}

func (m *shop) fitsPhone(text string) {
	m.tb.Helper()
	lines := strings.Split(text, "\n")
	if len(lines) > 8 {
		m.tb.Errorf("a message of %d lines fits no phone:\n%s", len(lines), text)
	}
	if !headline.MatchString(lines[0]) {
		m.tb.Errorf("the first line is not HOST SITE: SYMPTOM for TIME, CAUSE, STATE: %q", lines[0])
	}
	for _, label := range []string{"proof: ", "run: ", "more: "} {
		if !strings.Contains(text, "\n"+label) {
			m.tb.Errorf("the message has no line %q:\n%s", label, text)
		}
	}
}

func texts(all []told) string {
	var s []string
	for _, t := range all {
		s = append(s, t.Text)
	}
	return strings.Join(s, "\n--\n")
}
