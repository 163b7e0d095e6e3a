package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/lmittmann/tint"

	"github.com/gatemend/gatemend/detect"
)

// newLogger makes the agent's log: for people on a terminal, JSON where a machine reads it
// (journald keeps one line a record). kind is auto, pretty or json.
func newLogger(w io.Writer, kind string) (*slog.Logger, error) {
	terminal := isTerminal(w)
	switch {
	case kind == "json", kind == "auto" && !terminal:
		return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: plainAttr})), nil
	case kind == "pretty", kind == "auto":
		return slog.New(tint.NewHandler(w, &tint.Options{
			TimeFormat: "15:04:05.000", NoColor: os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb", ReplaceAttr: plainAttr,
		})), nil
	}
	return nil, usage(fmt.Errorf("cannot log as %q: write --log auto, pretty or json", kind))
}

// plainAttr escapes what others wrote: tint passes terminal escapes through, and a newline
// would make a second record of one.
func plainAttr(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		return slog.String(a.Key, detect.Escape(v))
	case error:
		return slog.String(a.Key, detect.Escape(v.Error()))
	}
	return a
}
