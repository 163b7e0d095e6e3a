package baseline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/fault"
	"github.com/gatemend/gatemend/remediate/durable"
)

// largest bounds a file: a real one takes a few KiB.
const largest = 1 << 20

// Store keeps baselines in a directory of its own, mode 0700. It may be used by several
// goroutines; a second process may read.
type Store struct {
	dir  string
	boot Boot
	now  func() detect.Time
	mu   sync.Mutex
}

func at(dir string, boot Boot) *Store {
	return &Store{dir: dir, boot: boot, now: func() detect.Time { return detect.At(time.Now()) }}
}

// Open makes the directory where it is missing, and removes what a crash left half written. One
// process has a store open; others [Read].
func Open(dir string, boot Boot) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot keep baselines: %w", err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".*.json.*")) // the pattern is well formed
	for _, name := range left {
		_ = os.Remove(name) // a read-only disk keeps them, which harms nobody
	}
	return at(dir, boot), nil
}

// Read gives a store that is only read: nothing is made, and a missing directory holds nothing.
func Read(dir string, boot Boot) *Store { return at(dir, boot) }

// key names a route.
type key struct{ site, route string }

// file is the name of the route's file: readable, and safe whatever the route's path holds.
func (k key) file() string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, k.site)
	sum := sha256.Sum256([]byte(k.site + "\x00" + k.route))
	return safe[:min(len(safe), 40)] + "-" + hex.EncodeToString(sum[:6]) + ".json"
}

// stored is the file's content. Site and Route guard against a file that was renamed.
type stored struct {
	Site     string          `json:"site"`
	Route    string          `json:"route"`
	Baseline detect.Baseline `json:"baseline"`
	Boot     string          `json:"boot,omitempty"`   // in which it was stored
	Uptime   detect.Span     `json:"uptime,omitempty"` // of that boot, then
}

// Get gives the route's baseline, nil when there is none. It may be of an older
// configuration: policy compares [detect.Baseline.Config]. An error means that a file is
// there and cannot be trusted: the route counts as never seen healthy.
func (s *Store) Get(site, route string) (*detect.Baseline, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.get(key{site, route})
}

func (s *Store) get(k key) (*detect.Baseline, error) {
	path := filepath.Join(s.dir, k.file())
	raw, err := readBounded(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read baseline: %w", err)
	}
	var st stored
	if err := json.Unmarshal(raw, &st); err != nil {
		return nil, fmt.Errorf("cannot read baseline %q: %w; remove it, and it is written anew when the site is proven healthy", path, err)
	}
	if st.Site != k.site || st.Route != k.route || st.Baseline.At <= 0 || st.Baseline.Config == "" {
		return nil, fmt.Errorf("cannot use baseline %q: it is not of site %q route %q; remove it, and it is written anew", path, k.site, k.route)
	}
	st.date(s.now, s.boot)
	return &st.Baseline, nil
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, largest+1))
	if err == nil && len(raw) > largest {
		err = fmt.Errorf("%q is larger than %d bytes", path, largest)
	}
	return raw, err
}

// Put stores a verified baseline. What was not seen this time (files, slowest start) is
// taken over from the one before, if that was of the same configuration.
func (s *Store) Put(v Verified) error {
	if v.key == (key{}) {
		return errors.New("cannot store a baseline: it was not verified")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.get(v.key)
	if err == nil && old != nil && old.Config == v.baseline.Config {
		v.baseline = inherit(v.baseline, *old)
	}
	st := stored{Site: v.key.site, Route: v.key.route, Baseline: v.baseline}
	st.Boot, st.Uptime = s.boot()
	raw, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("cannot store baseline: %w", err)
	}
	if err := durable.Replace(filepath.Join(s.dir, v.key.file()), append(raw, '\n'), 0o600, written); err != nil {
		return fmt.Errorf("cannot store baseline of site %q: %w", v.key.site, err)
	}
	return nil
}

// written is where a test ends the agent: the file is whole, and not in its place yet.
func written(*os.File) error {
	fault.Reach(fault.BaseWritten)
	return nil
}

func inherit(b, old detect.Baseline) detect.Baseline {
	b.SlowestStart = max(b.SlowestStart, old.SlowestStart)
	if b.Files == nil {
		b.Files = old.Files
	}
	if b.Packages == nil {
		b.Packages = old.Packages
	}
	if b.Status == 0 && b.Target == old.Target {
		b.Status, b.BodyHash = old.Status, old.BodyHash
	}
	return b
}
