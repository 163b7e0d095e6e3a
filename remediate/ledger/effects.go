package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
)

// The least that is allowed in a window, whatever the configuration says: the agent's own budget
// is far below, but what it healed, or a person asked for, it does not count. These stop a loop.
const (
	leastPerSite = 30
	leastPerHost = 60
	leastNginx   = 20
	times        = 10 // what the configuration allows, this many times
	mostPerHour  = 1000
	window       = detect.Span(3600 * 1_000_000)
)

// Effects is the helper's rate limit. It is a journal: what it did not write is not done.
type Effects struct {
	Dir    string                       // root's own
	Limits func() policy.Limits         // the configuration's
	Clock  func() (string, detect.Span) // this boot, and the time since; it only goes forward
	mu     sync.Mutex
}

// entry is one effect.
type entry struct {
	Boot   string           `json:"boot"`
	Uptime detect.Span      `json:"uptime"`
	Site   string           `json:"site"`
	Verb   remediate.Effect `json:"verb"`
	On     remediate.On     `json:"on"`
}

// Intent is remediate.Journal: it refuses a request that is one too many.
func (l *Effects) Intent(_ context.Context, i remediate.Intent) (int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	boot, uptime := l.Clock()
	recent, err := l.recent(boot, uptime)
	if err != nil {
		return 0, err
	}
	for _, r := range i.Steps {
		e := entry{boot, uptime, r.Site, r.Verb, r.On}
		if err := tooMany(recent, e, l.Limits()); err != nil {
			return 0, err
		}
		recent = append(recent, e)
	}
	return int64(len(recent)), l.write(recent)
}

// Result is remediate.Journal. That an effect was begun is what counts.
func (l *Effects) Result(context.Context, int64, remediate.Report) error { return nil }

// tooMany counts what is of the same kind.
func tooMany(recent []entry, e entry, c policy.Limits) error {
	site, host, nginx := 0, 0, 0
	for _, o := range recent {
		switch {
		case o.On == remediate.OnNginx:
			nginx++
		case o.Site == e.Site:
			site++
			host++
		default:
			host++
		}
	}
	if e.On == remediate.OnNginx {
		return over("nginx", nginx, bound(leastNginx, c.ReloadsNginx))
	}
	return errors.Join(
		over("site "+e.Site, site, bound(leastPerSite, c.RestartsPerSite)),
		over("this host", host, bound(leastPerHost, c.RestartsPerHost)),
	)
}

func bound(least int, r policy.Rate) int {
	return min(max(least, times*min(r.N, mostPerHour)), mostPerHour)
}

func over(what string, n, most int) error {
	if n < most {
		return nil
	}
	return fmt.Errorf("the root helper did %d things to %s in the last hour, and does no more than %d", n, what, most)
}

func (l *Effects) file() string { return filepath.Join(l.Dir, "effects") }

// recent reads the effects of this boot that are younger than the window. A file that cannot be
// read is no file without effects.
func (l *Effects) recent(boot string, uptime detect.Span) ([]entry, error) {
	text, err := readOwn(l.file())
	if err != nil {
		return nil, fmt.Errorf("the ledger of effects cannot be read: %w", err)
	}
	var out []entry
	for line := range bytes.Lines(text) {
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("the ledger of effects cannot be read: %w; remove %q", err, l.file())
		}
		if e.Boot == boot && uptime-e.Uptime < window {
			out = append(out, e)
		}
	}
	return out, nil
}

func (l *Effects) write(all []entry) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for _, one := range all {
		if err := e.Encode(one); err != nil {
			return err
		}
	}
	if err := replace(l.file(), b.Bytes()); err != nil {
		return fmt.Errorf("the ledger of effects cannot be written: %w", err)
	}
	return nil
}
