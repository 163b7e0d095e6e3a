package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/command"
)

// imported is the result of `diagnose --try-import`.
type imported struct {
	OK     bool   `json:"ok"`
	Output string `json:"output"` // bounded and scrubbed
}

// tryImport imports the application as its unit would.
func (o *options) tryImport(ctx context.Context, u *detect.Unit) *imported {
	done := o.waiting(ctx, func(context.Context) string {
		return fmt.Sprintf("the import of %s, 30 s at most", u.App)
	})
	out, err := command.Import(ctx, u.Name, importArgs(u)...)
	done()
	if err != nil {
		return &imported{Output: detect.Clean(err.Error())}
	}
	var lines []string
	for line := range strings.Lines(string(out.Stdout) + string(out.Stderr)) {
		lines = append(lines, cut(detect.Clean(strings.TrimRight(line, "\r\n")), importedWidth))
	}
	lines = lines[max(0, len(lines)-mostImported):]
	if out.Truncated {
		lines = append(lines, "(more was printed)")
	}
	if out.Code != 0 && len(lines) == 0 {
		lines = []string{fmt.Sprintf("it ended with status %d and no word; 30 s is all the time it gets", out.Code)}
	}
	return &imported{OK: out.Code == 0, Output: strings.Join(lines, "\n")}
}

// code: an app that cannot be imported will not come back from its next restart.
func (i imported) code() int {
	if i.OK {
		return Healthy
	}
	return NotWell
}

// mostImported lines are shown: the last, for a traceback ends with its reason.
const (
	mostImported  = 20
	importedWidth = 200
)

func (i imported) render(s sheet) {
	if i.OK {
		s.mark("import test", s.p.sign(good), "the application can be imported")
	} else {
		s.mark("import test", s.p.sign(bad), "the application cannot be imported:")
	}
	for line := range strings.SplitSeq(i.Output, "\n") {
		if line != "" {
			s.say("", "  %s", line)
		}
	}
}
