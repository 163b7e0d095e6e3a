package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

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

// plainAttr escapes what others wrote, for a newline would make a second record of one, and takes
// secrets out: the log is everybody's in group adm. tint turns a \x1b that it has quoted into an
// ESC again, whoever wrote it (appendString in its handler.go): what steers a terminal is stopped
// by [screen], behind it.
func plainAttr(_ []string, a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case slog.Level, time.Time, time.Duration: // slog's own
		return a
	case string:
		return slog.String(a.Key, fit(v))
	case error:
		return slog.String(a.Key, fit(v.Error()))
	case fmt.Stringer:
		return slog.String(a.Key, fit(v.String()))
	}
	return a
}

func fit(s string) string { return detect.Scrub(detect.Escape(s)) }
