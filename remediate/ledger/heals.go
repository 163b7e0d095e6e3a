package ledger

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

const (
	// healLasts is how long who asked for a heal passes their own holds: longer than a heal takes, with
	// its job and its proof.
	healLasts = detect.Span(45 * 60 * 1_000_000)
	mostHeals = 200
)

// Heals is who asked for a heal, as root said: a person's own hold does not keep that person's heal
// off the site. The agent cannot say so.
type Heals struct {
	Dir   string                       // root's own
	Clock func() (string, detect.Span) // this boot, and the time since; it only goes forward
	mu    sync.Mutex
}

// heal is one person's.
type heal struct {
	Site   string      `json:"site"` // "" is every site
	Person string      `json:"person"`
	At     detect.Time `json:"at"`
	Boot   string      `json:"boot"`
	Uptime detect.Span `json:"uptime"`
}

// Asked remembers a person.
func (l *Heals) Asked(site, person string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	boot, uptime := l.Clock()
	recent, err := l.recent(boot, uptime)
	if err != nil {
		return err
	}
	recent = append(recent, heal{site, person, detect.At(time.Now()), boot, uptime})
	text, err := json.Marshal(recent[max(0, len(recent)-mostHeals):])
	if err == nil {
		err = replace(l.file(), text)
	}
	if err != nil {
		return fmt.Errorf("who asks for a heal cannot be written: %w", err)
	}
	return nil
}

// Against gives the holds that stand against what is done to a site: all but those whose owner
// asked, since they were made, for it to be healed.
func (l *Heals) Against(site string, holds []policy.Hold) ([]policy.Hold, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	recent, err := l.recent(l.Clock())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(holds), func(h policy.Hold) bool {
		return slices.ContainsFunc(recent, func(r heal) bool {
			return (r.Site == "" || r.Site == site) && r.Person == h.Owner && r.At >= h.Since
		})
	}), nil
}

func (l *Heals) file() string { return filepath.Join(l.Dir, "heals") }

func (l *Heals) recent(boot string, uptime detect.Span) ([]heal, error) {
	text, err := readOwn(l.file())
	if err != nil || len(text) == 0 {
		return nil, err
	}
	var all []heal
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("who asked for a heal cannot be read: %w; remove %q", err, l.file())
	}
	return slices.DeleteFunc(all, func(h heal) bool { return h.Boot != boot || uptime-h.Uptime >= healLasts }), nil
}
