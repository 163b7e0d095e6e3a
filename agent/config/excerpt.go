package config

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/gatemend/gatemend/detect"
)

// widthMax bounds what is shown of one line: a file may be one line of a megabyte.
const widthMax = 160

// excerpt shows a line between its neighbours, with a caret below the column.
func excerpt(lines []string, line, column int) string {
	if line < 1 || line > len(lines) {
		return ""
	}
	var b strings.Builder
	for n := max(1, line-1); n <= min(len(lines), line+1); n++ {
		mark := " "
		if n == line {
			mark = ">"
		}
		fmt.Fprintf(&b, "  %s %3d | %s\n", mark, n, shown(lines[n-1]))
		if n == line && column > 0 && column <= widthMax {
			fmt.Fprintf(&b, "        | %s^\n", strings.Repeat(" ", below(lines[n-1], column-1)))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// below is where the caret goes when what stands in front of it was shortened.
func below(line string, column int) int {
	head := line[:min(len(line), column)]
	return column - len(head) + len([]rune(hideURLs(head)))
}

// shown makes a line safe for a terminal and a bug report: the file is root's, but it may be
// broken, an escape sequence in it must not reach the screen, nor a password the report.
func shown(line string) string {
	cut := []rune(detect.Scrub(hideURLs(line[:min(len(line), 8*widthMax)])))
	if len(cut) > widthMax {
		cut = append(cut[:widthMax:widthMax], '…')
	}
	for i, r := range cut {
		if !unicode.IsPrint(r) {
			cut[i] = ' '
		}
	}
	return strings.TrimRight(string(cut), " ")
}

// The URL of a channel is a secret, also one that is written wrongly: without its scheme, or
// where another value belongs. Of what stands behind url: only scheme and host are shown.
var (
	aURL     = regexp.MustCompile(`(?i)\b(https?://)(?:[^\s/@"']*@)?([^\s/?#"',}@]*)[/?#][^\s"',}]+`)
	urlValue = regexp.MustCompile(`(?i)(\b(?:url|webhook|ntfy|heartbeat)["']?\s*:\s*["']?)([^\s"'{\[][^\s"',}]*)`)
)

func hideURLs(line string) string {
	line = aURL.ReplaceAllString(line, "${1}${2}/[hidden]")
	return urlValue.ReplaceAllStringFunc(line, func(m string) string {
		p := urlValue.FindStringSubmatch(m)
		if strings.HasPrefix(strings.ToLower(p[2]), "http") && strings.Contains(p[2], "://") {
			return m
		}
		return p[1] + "[hidden]"
	})
}
