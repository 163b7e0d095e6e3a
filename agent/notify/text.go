package notify

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatemend/gatemend/detect"
)

// A message fits a phone.
const (
	mostLines = 8
	widest    = 160 // characters in a line
)

// Text words a message in at most eight lines, the first of which is enough to decide
// whether to get up.
func (m Message) Text() string {
	m = m.clean()
	lines := []string{m.headline()}
	add := func(label, text string) {
		if text != "" && len(lines) < mostLines {
			lines = append(lines, label+text)
		}
	}
	add("changed: ", m.Changed)
	add("proof: ", m.Proof)
	add("action: ", m.Did)
	for _, a := range m.Advice[:min(2, len(m.Advice))] {
		add("do: ", a)
	}
	add("run: ", m.Command)
	add("more: ", m.more())
	for i, l := range lines {
		lines[i] = narrow(l)
	}
	return strings.Join(lines, "\n")
}

// headline is `HOST SITE: 502 for 41 s, app-import-error, NOT healed`.
func (m Message) headline() string {
	who := strings.TrimSpace(m.Host + " " + m.Site)
	if m.Route != "" && m.Route != "/" {
		who += m.Route
	}
	var said []string
	if m.Symptom != "" {
		said = append(said, m.Symptom+" for "+span(m.Outage))
	}
	if m.Cause != "" {
		said = append(said, string(m.Cause))
	}
	said = append(said, m.State)
	if m.Hold != "" {
		said = append(said, m.Hold)
	}
	return who + ": " + strings.Join(said, ", ")
}

func (m Message) more() string {
	if m.Mode == "" || m.More == "" {
		return m.More
	}
	return m.More + " (mode " + m.Mode + ")"
}

// span is a length of time as a person says it.
func span(s detect.Span) string {
	d := s.Duration()
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

func narrow(line string) string {
	if utf8.RuneCountInString(line) <= widest {
		return line
	}
	return string([]rune(line)[:widest-1]) + "…"
}
