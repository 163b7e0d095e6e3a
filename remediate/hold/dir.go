package hold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/durable"
)

// Dir is a directory of holds. The zero value reads nothing; make one with [At].
type Dir struct {
	path  string
	owner int
	now   func() moment
}

// At is the directory of that path, which root must own.
func At(path string) Dir { return Dir{path: path, now: present} }

// OwnedBy is the same directory for another owner than root: for tests.
func (d Dir) OwnedBy(uid int) Dir { d.owner = uid; return d }

// Path is where the directory is.
func (d Dir) Path() string { return d.path }

// Files is where the files' names begin, for who wants to be told of changes.
func (d Dir) Files() string { return filepath.Join(d.path, prefix) }

// moment is the wall clock, and the clock of this boot, which nobody can step.
type moment struct {
	at     detect.Time
	boot   string
	uptime detect.Span
}

func present() moment {
	id, uptime := proc.Clock()
	return moment{detect.At(time.Now()), id, uptime}
}

// Read gives the holds that stand now, by site, owner and reason. It cannot fail: what cannot
// be read is a hold of every site, whose reason says what to do about it.
func (d Dir) Read() []policy.Hold {
	var out []policy.Hold
	files, err := d.files()
	if err != nil {
		return []policy.Hold{unread(err)}
	}
	for _, f := range files {
		if f.err != nil {
			out = append(out, unread(f.err))
		} else if f.stands {
			out = append(out, f.hold)
		}
	}
	return out
}

// Over gives the holds that stand now, and those that follow from them for other sites: see
// [policy.Spread].
func (d Dir) Over(sites []detect.Site) []policy.Hold { return policy.Spread(d.Read(), sites) }

// unread is the hold that a file stands for which cannot be read.
func unread(err error) policy.Hold { return policy.Hold{Owner: "unknown", Reason: err.Error()} }

// file is one file of the directory.
type file struct {
	path   string
	hold   policy.Hold
	stands bool  // not over yet
	err    error // why it cannot be read
}

// files reads every file; a directory that is not there yet has none.
func (d Dir) files() ([]file, error) {
	if err := d.trusted(); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the holds: %w", err)
	}
	now := d.now()
	var out []file
	for _, e := range entries {
		if durable.Unfinished(e.Name()) {
			continue // half written by a pause that was killed: no hold yet
		}
		if f := d.file(filepath.Join(d.path, e.Name()), now); !errors.Is(f.err, fs.ErrNotExist) { // lifted meanwhile
			out = append(out, f)
		}
	}
	return out, nil
}

func (d Dir) file(path string, now moment) file {
	r, err := d.read(path)
	if err != nil {
		return file{path: path, err: fmt.Errorf("cannot read a hold: %w; remove %s if nothing is held", err, path)}
	}
	h, stands := r.at(now)
	return file{path: path, hold: h, stands: stands}
}

// trusted looks who could put a file there.
func (d Dir) trusted() error {
	info, err := os.Stat(d.path)
	if err != nil {
		return fmt.Errorf("cannot read the holds: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("cannot read the holds: %s is no directory", d.path)
	}
	return d.judge(d.path, info)
}

func (d Dir) judge(path string, info fs.FileInfo) error {
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != d.owner {
		return fmt.Errorf("%s does not belong to user %d: chown %d %s", path, d.owner, d.owner, path)
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("%s may be written by its group or by others (mode %04o): chmod go-w %s", path, mode, path)
	}
	return nil
}
