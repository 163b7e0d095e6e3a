package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Limits of the evidence bundles.
const (
	BundleMax  = 256 << 10 // bytes of one incident
	bundlesMax = 50e6      // bytes of all
	bundlesAge = 90 * 24 * time.Hour
)

// ErrBundleFull says that the evidence does not fit into what an incident may keep.
var ErrBundleFull = errors.New("the evidence bundle of this incident is full")

// plainFile keeps incident and file names to one path component that hides nothing.
var plainFile = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$`)

// SaveBundle keeps a file of evidence with an incident, replacing one of the same name.
// It errs with [ErrBundleFull] when the incident would exceed [BundleMax]. Bundles older
// than 90 days go, and the oldest when all together exceed 50 MB.
func (l *Log) SaveBundle(incident, name string, data []byte) error {
	if !plainFile.MatchString(incident) || !plainFile.MatchString(name) {
		return fmt.Errorf("cannot keep evidence %q of incident %q: not a plain file name", name, incident)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	root := filepath.Join(l.dir, "bundles")
	dir := filepath.Join(root, incident)
	for _, d := range []string{root, dir} {
		if err := l.makeDir(d); err != nil {
			return fmt.Errorf("cannot keep evidence: %w", err)
		}
	}
	used, _, err := bundleSize(dir, name)
	if err != nil {
		return fmt.Errorf("cannot keep evidence: %w", err)
	}
	if used+int64(len(data)) > BundleMax {
		return fmt.Errorf("cannot keep %d bytes of %q with incident %q: %w", len(data), name, incident, ErrBundleFull)
	}
	if err := l.save(filepath.Join(dir, name), data); err != nil {
		return fmt.Errorf("cannot keep evidence: %w", err)
	}
	l.dropBundles(root, incident)
	return nil
}

// Bundle is where an incident's evidence is kept.
func Bundle(dir, incident string) (string, error) {
	if !plainFile.MatchString(incident) {
		return "", fmt.Errorf("cannot find evidence: %q is not an incident", incident)
	}
	return filepath.Join(dir, "bundles", incident), nil
}

func (l *Log) makeDir(path string) error {
	err := os.Mkdir(path, 0o700)
	if err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	f, err := os.OpenFile(path, unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return l.adopt(f)
}

// bundleSize is the size of an incident's files but for the one to be replaced, and when
// the newest was written.
func bundleSize(dir, but string) (size int64, newest time.Time, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.Name() == but {
			continue
		}
		size += info.Size()
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return size, newest, err
}

// dropBundles removes what is too old, and the oldest of what is too much, never the
// incident at hand. What cannot be removed is tried again with the next evidence.
func (l *Log) dropBundles(root, keep string) {
	type bundle struct {
		dir    string
		size   int64
		newest time.Time
	}
	var all []bundle
	var total int64
	entries, _ := os.ReadDir(root) // an unreadable one has none to drop
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		size, newest, err := bundleSize(dir, "")
		total += size
		if err == nil && e.Name() != keep {
			all = append(all, bundle{dir, size, newest})
		}
	}
	slices.SortFunc(all, func(a, b bundle) int { return a.newest.Compare(b.newest) })
	now := l.opt.Now().Time()
	for _, b := range all {
		if total <= bundlesMax && now.Sub(b.newest) <= bundlesAge {
			return
		}
		dropBundle(b.dir)
		total -= b.size
	}
}

func dropBundle(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		_ = os.Remove(filepath.Join(dir, e.Name()))
	}
	_ = os.Remove(dir)
}
