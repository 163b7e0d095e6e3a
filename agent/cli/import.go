package cli

import (
	"context"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/command"
)

// tryImport imports the application as its unit would; nil where the unit does not say what.
func tryImport(ctx context.Context, u *detect.Unit) *imported {
	if !importable(u) {
		return nil
	}
	out, err := command.Run(ctx, command.TryImport, importArgs(u)...)
	if err != nil {
		return &imported{Output: detect.Clean(err.Error())}
	}
	var lines []string
	for line := range strings.Lines(string(out.Stdout) + string(out.Stderr)) {
		lines = append(lines, detect.Clean(strings.TrimRight(line, "\n")))
	}
	return &imported{OK: out.Code == 0, Output: strings.Join(lines, "\n")}
}
