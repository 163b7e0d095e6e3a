package plans

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/durable"
)

const (
	// Lasts is how long a plan can be asked for: what a person read yesterday is looked at again.
	Lasts = detect.Span(24 * 3600_000_000)
	// mostKept plans are kept, each of about 30 KiB.
	mostKept = 64
	maxPlan  = 1 << 20
	suffix   = ".json"
)

// Why a plan cannot be had.
var (
	ErrUnknown = errors.New("there is no plan of that name")
	ErrOver    = errors.New("the plan is too old")
)

// Plan is what was shown, when.
type Plan struct {
	ID       string          `json:"id"`
	At       detect.Time     `json:"at"`
	Case     policy.Case     `json:"case"`
	Decision policy.Decision `json:"decision"`
}

// Of names a plan by what its guards read.
func Of(c policy.Case, d policy.Decision, at detect.Time) Plan {
	return Plan{policy.PlanID(policy.Fingerprint(c)), at, c, d}
}

// Dir is a directory of plans, made when the first is kept.
type Dir struct{ path string }

// At is the directory of that path.
func At(path string) Dir { return Dir{path} }

// Keep makes a plan one that can be asked for until [Lasts] from then. It errs where there is no
// state directory, and where the disk does not take it.
func (d Dir) Keep(p Plan) error {
	data, err := policy.Canonical(p)
	if err != nil {
		return err
	}
	if err := os.Mkdir(d.path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("cannot keep the plan: %w", err)
	}
	if err := durable.Replace(d.file(p.ID), data, 0o600, d.handOver); err != nil {
		return fmt.Errorf("cannot keep the plan: %w", err)
	}
	d.trim(p.At)
	return nil
}

var plainID = regexp.MustCompile(`^[0-9a-f]{12}$`)

// Read gives the plan of that name, as it was kept.
func (d Dir) Read(id string, now detect.Time) (Plan, error) {
	if !plainID.MatchString(id) {
		return Plan{}, ErrUnknown
	}
	data, err := readPlan(d.file(id))
	if errors.Is(err, fs.ErrNotExist) {
		return Plan{}, ErrUnknown
	}
	if err != nil {
		return Plan{}, fmt.Errorf("cannot read the plan: %w", err)
	}
	return parse(id, data, now)
}

// readPlan judges what it opened, without waiting for it: root reads it from the agent's directory, where a
// FIFO or a link can take its place at any moment.
func readPlan(path string) ([]byte, error) {
	f, info, err := durable.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > maxPlan {
		return nil, fmt.Errorf("%q is no plan", path)
	}
	return io.ReadAll(io.LimitReader(f, maxPlan+1))
}

func parse(id string, data []byte, now detect.Time) (Plan, error) {
	var p Plan
	if err := json.Unmarshal(data, &p); err != nil {
		return Plan{}, fmt.Errorf("cannot read plan %s: %w", id, err)
	}
	if is := policy.PlanID(policy.Fingerprint(p.Case)); p.ID != id || is != id {
		return Plan{}, fmt.Errorf("cannot use plan %s: its file was changed, or another version made it: it is one of %s", id, is)
	}
	switch age := now.Sub(p.At); {
	case age > Lasts:
		return Plan{}, fmt.Errorf("%w: it is of %s ago, and a plan can be asked for within %s", ErrOver, age.Words(), Lasts.Words())
	case age < -Lasts:
		return Plan{}, fmt.Errorf("%w: it is of a time %s ahead of the clock, which was set back since: make another", ErrOver, (-age).Words())
	}
	return p, nil
}

// IDs lists the plans that are kept, the newest first: for completion.
func (d Dir) IDs() (ids []string) {
	for _, f := range d.newestFirst() {
		ids = append(ids, strings.TrimSuffix(f.Name(), suffix))
	}
	return ids
}

func (d Dir) newestFirst() (files []fs.FileInfo) {
	entries, _ := os.ReadDir(d.path) // an unreadable one has none
	for _, e := range entries {
		if info, err := e.Info(); err == nil && plainID.MatchString(strings.TrimSuffix(e.Name(), suffix)) {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	return files
}

// trim drops what is over and what is too much. What cannot be removed is tried again with the next.
func (d Dir) trim(now detect.Time) {
	for i, f := range d.newestFirst() {
		if i >= mostKept || now.Sub(detect.At(f.ModTime())) > 2*Lasts {
			_ = os.Remove(filepath.Join(d.path, f.Name()))
		}
	}
}
