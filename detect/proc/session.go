package proc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Sessions lists people's open login sessions, as logind keeps them below /run/systemd. A
// session that is closing, a greeter or a user manager is nobody at work. Without logind
// there are none.
func Sessions() ([]detect.Session, error) { return sessionsIn("/run/systemd/sessions") }

func sessionsIn(dir string) ([]detect.Session, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list login sessions: %w", err)
	}
	var out []detect.Session
	for _, e := range entries {
		if !e.Type().IsRegular() { // X.ref is a FIFO
			continue
		}
		b, err := readFile(filepath.Join(dir, e.Name()))
		if err != nil {
			continue // ended meanwhile
		}
		if s, ok := parseSession(e.Name(), string(b)); ok {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b detect.Session) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

func parseSession(id, text string) (detect.Session, bool) {
	v := map[string]string{}
	for line := range strings.Lines(text) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			v[key] = value
		}
	}
	since, _ := strconv.ParseInt(v["REALTIME"], 10, 64)
	person := strings.HasPrefix(v["CLASS"], "user") && v["STATE"] != "closing"
	return detect.Session{ID: detect.Clean(id), User: detect.Clean(v["USER"]), Since: detect.Time(since)}, person
}
