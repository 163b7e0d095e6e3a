package cli

import (
	"io"
	"strings"

	"golang.org/x/term"
)

// narrowest is the least room in which folded text still reads better than what a terminal breaks by itself.
const narrowest = 24

// columnsOf is how wide the terminal behind w is; 0 where there is none: who reads a pipe wants whole lines.
func columnsOf(w io.Writer) int {
	f, ok := terminalOf(w)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// whole is a sheet whose lines stay as long as they are: a command that was folded would run in halves where
// a person pastes it.
func (s sheet) whole() sheet { s.columns = 0; return s }

// put prints text behind a lead that takes up used columns, and folds it below the column at which it hangs.
func (s sheet) put(lead string, used, hang int, text string) {
	text = safe(text)
	hang += len(text) - len(strings.TrimLeft(text, " "))
	if s.columns-hang < narrowest {
		_, _ = io.WriteString(s.w, lead+text+"\n")
		return
	}
	lines := fold(text, s.columns-used, s.columns-hang)
	_, _ = io.WriteString(s.w, lead+strings.Join(lines, "\n"+pad("", hang))+"\n")
}

// fold breaks text at spaces: a first line of so many characters, and others. A word that is longer stays whole.
func fold(text string, first, others int) (lines []string) {
	rest, room := []rune(text), first
	for len(rest) > room {
		at := breakAt(rest, room)
		if at < 0 {
			break
		}
		lines = append(lines, strings.TrimRight(string(rest[:at]), " "))
		rest, room = []rune(strings.TrimLeft(string(rest[at:]), " ")), others
	}
	return append(lines, string(rest))
}

// breakAt is the last space within the room behind a word, else the first one after; -1 where there is none.
func breakAt(text []rune, room int) int {
	at, word := -1, false
	for i, r := range text {
		if r == ' ' && word {
			if i > room && at >= 0 {
				return at
			}
			at = i
		}
		word = word || r != ' '
		if i >= room && at >= 0 {
			return at
		}
	}
	return at
}
