package cli

import (
	"fmt"
	"io"
	"strings"
)

// sheet prints labelled lines, label on the left, texts in one column. What others wrote is
// made safe here, so that no caller forgets it.
type sheet struct {
	w       io.Writer
	p       paint
	indent  string
	width   int // of the labels
	columns int // of the terminal; 0: lines are not folded
	deeper  int // how much further in the second line of a folded text begins
}

// say prints one line below a label; "" goes on with the label above.
func (s sheet) say(label, format string, args ...any) {
	s.mark(label, "", fmt.Sprintf(format, args...))
}

// each prints a line for each text, the label in front of the first.
func (s sheet) each(label string, texts []string) {
	for _, t := range texts {
		s.say(label, "%s", t)
		label = ""
	}
}

// mark puts a sign or a coloured word in front of the text.
func (s sheet) mark(label, front, text string) {
	hang := len([]rune(s.indent)) + max(s.width, len([]rune(label))) + 2
	used := hang
	if front != "" {
		front += " "
		used += len([]rune(unpainted(front)))
	}
	if used == hang+2 { // a sign
		hang = used
	}
	hang += s.deeper
	s.put(s.indent+s.p.bold(pad(label, s.width))+"  "+front, used, hang, text)
}

// unpainted takes the colours out.
func unpainted(s string) string {
	for _, sequence := range painted {
		s = strings.ReplaceAll(s, sequence, "")
	}
	return s
}

// cell is one place of a table, and how it is coloured once it has been padded.
type cell struct {
	text  string
	paint func(string) string
}

func plain(text string) cell { return cell{text: safe(text)} }

// table prints rows whose columns line up; the last column is as long as it is.
func table(w io.Writer, indent string, rows [][]cell) {
	var widths []int
	for _, row := range rows {
		for i, c := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(c.text)))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, c := range row {
			text := c.text
			if i < len(row)-1 {
				text = pad(text, widths[i]) + "  "
			}
			if c.paint != nil {
				text = c.paint(text)
			}
			b.WriteString(text)
		}
		fmt.Fprintf(w, "%s%s\n", indent, strings.TrimRight(b.String(), " "))
	}
}

// titles is a table's first row.
func titles(p paint, names ...string) []cell {
	row := make([]cell, len(names))
	for i, n := range names {
		row[i] = cell{n, p.bold}
	}
	return row
}
