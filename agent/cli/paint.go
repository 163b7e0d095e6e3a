package cli

import (
	"io"
	"os"
	"strings"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
)

// paint colours text for a terminal, and only for one (https://no-color.org).
type paint bool

// painter decides once whether w may get colour.
func painter(w io.Writer) paint {
	return paint(os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w))
}

// painted are the sequences of it.
var painted = []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"}

func (p paint) wrap(code, s string) string {
	if !p || strings.TrimSpace(s) == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) red(s string) string    { return p.wrap("31", s) }
func (p paint) green(s string) string  { return p.wrap("32", s) }
func (p paint) yellow(s string) string { return p.wrap("33", s) }
func (p paint) bold(s string) string   { return p.wrap("1", s) }
func (p paint) dim(s string) string    { return p.wrap("2", s) }

// sign is the mark of a checklist line.
func (p paint) sign(m mark) string {
	switch m {
	case good:
		return p.green("✓")
	case bad:
		return p.red("✗")
	case unknown:
		return p.yellow("?")
	}
	return p.dim("·")
}

// health colours a state of health.
func (p paint) health(h detect.Health) string {
	switch h {
	case detect.Healthy:
		return p.green(string(h))
	case detect.Sick:
		return p.red(string(h))
	}
	return p.yellow(string(h))
}

// state colours where an incident stands.
func (p paint) state(s agent.State) func(string) string {
	switch s {
	case agent.Recovered, agent.Idle:
		return p.green
	case agent.Escalated:
		return p.red
	}
	return p.yellow
}

// pad fills s to width in characters; colour is put on after padding, or columns would drift.
func pad(s string, width int) string {
	n := len([]rune(s))
	if n >= width {
		return s
	}
	return s + strings.Repeat(" ", width-n)
}

// safe makes text that others wrote fit for a terminal.
func safe(s string) string { return detect.Escape(s) }
