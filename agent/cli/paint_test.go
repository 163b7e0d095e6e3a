package cli

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// terminal opens a pseudo-terminal (pty(7)) and gives the end that programs write to.
func terminal(t *testing.T) *os.File {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestColourIsForTerminalsThatWantIt(t *testing.T) {
	tty := terminal(t)
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	if !painter(tty) {
		t.Error("a terminal gets no colour")
	}
	if painter(&strings.Builder{}) {
		t.Error("a pipe gets colour")
	}
	t.Setenv("TERM", "dumb")
	if painter(tty) {
		t.Error("a dumb terminal gets colour")
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	if painter(tty) {
		t.Error("NO_COLOR is not honoured")
	}
}

func TestColumnsLineUpWithColourAndWideText(t *testing.T) {
	var b strings.Builder
	p := paint(true)
	table(&b, "", [][]cell{titles(p, "A", "B"), {plain("≥ 1 s"), {"x", p.red}}, {plain("evil\x1b[31m"), plain("y")}})
	at := -1
	for line := range strings.Lines(b.String()) {
		text := strings.NewReplacer("\x1b[1m", "", "\x1b[31m", "", "\x1b[0m", "").Replace(strings.TrimRight(line, "\n"))
		n := len([]rune(text)) - 1 // the last column is one character wide
		if at >= 0 && n != at {
			t.Errorf("the last column of %q begins at %d, that above at %d", text, n, at)
		}
		at = n
	}
	if strings.Contains(b.String(), "evil\x1b") {
		t.Error("what others wrote reaches the terminal")
	}
}
