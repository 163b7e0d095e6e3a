package cli

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/gatemend/gatemend/agent"
)

func TestFold(t *testing.T) {
	for text, want := range map[string][]string{
		"":                            {""},
		"short":                       {"short"},
		"exactly ten":                 {"exactly", "ten"},
		"ten chars1 and more":         {"ten", "chars1 and", "more"},
		"/a/path/that/is/long and so": {"/a/path/that/is/long", "and so"},
		"a  b c d e f":                {"a  b c", "d e f"},
		"  indented text":             {"  indented", "text"},
	} {
		if got := fold(text, 6, 10); len(text) > 6 && !slices.Equal(got, want) || len(text) <= 6 && len(got) != 1 {
			t.Errorf("%q folds to %q, want %q", text, got, want)
		}
	}
}

// Nothing is lost or added by folding but spaces, and no line is longer than its room that could be shorter.
func TestFoldKeepsWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zé ]{0,80}`).Draw(t, "text")
		first, others := rapid.IntRange(-3, 40).Draw(t, "first"), rapid.IntRange(1, 40).Draw(t, "others")
		lines := fold(text, first, others)
		if got := strings.Fields(strings.Join(lines, " ")); !slices.Equal(got, strings.Fields(text)) {
			t.Fatalf("%q became %q", text, lines)
		}
		for i, l := range lines {
			room := others
			if i == 0 {
				room = first
			}
			if len([]rune(l)) > room && strings.Contains(strings.TrimSpace(l), " ") {
				t.Errorf("%q in %d columns", l, room)
			}
		}
	})
}

// TestReportsFitTheTerminal: folded, a report of a machine fits 80 columns, but for advice and commands, which are pasted.
func TestReportsFitTheTerminal(t *testing.T) {
	for _, name := range []string{"killed", "denied"} {
		var p plan
		load(t, name+".json", &p)
		var out bytes.Buffer
		e := agent.Exam{Site: p.Site, Route: p.Route, Case: p.Case, Decision: p.Decision}
		s := sheet{w: &out, width: 13, columns: 80}
		diagnosed(e).render(s, e)
		p.render(s, e)
		pasted := strings.Join(append(p.Case.Diagnosis.Primary.Advised(), diagnosed(e).TryImport), "\n")
		for line := range strings.Lines(out.String()) {
			text := strings.TrimSpace(strings.TrimPrefix(line, "advice"))
			if len([]rune(line)) > 81 && !strings.Contains(pasted, text) {
				t.Errorf("%s: wider than 80 columns: %s", name, line)
			}
		}
	}
}

func TestOnlyATerminalHasColumns(t *testing.T) {
	tty := terminal(t)
	if err := unix.IoctlSetWinsize(int(tty.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 72}); err != nil {
		t.Fatal(err)
	}
	if got := columnsOf(screen{tty}); got != 72 {
		t.Errorf("a terminal of 72 columns has %d", got)
	}
	if got := columnsOf(&bytes.Buffer{}); got != 0 {
		t.Errorf("a pipe has %d columns", got)
	}
}
