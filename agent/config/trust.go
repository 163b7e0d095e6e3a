package config

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Untrusted says that somebody other than the owner could have written the file.
type Untrusted struct {
	Path string // the file, or its directory
	Why  string
	Do   string // the command that mends it
}

func (u *Untrusted) Error() string {
	return fmt.Sprintf("the configuration is not used: %s %s; %s", u.Path, u.Why, u.Do)
}

// trusts looks at the open file, so that what is judged is what is read, and at its
// directory: who may write there may put another file in its place.
func (o Owner) trusts(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("cannot read the configuration: %w", err)
	}
	if !info.Mode().IsRegular() {
		return &Untrusted{f.Name(), "is not a regular file", "put a file there"}
	}
	if err := o.judge(f.Name(), info); err != nil {
		return err
	}
	dir := filepath.Dir(f.Name())
	info, err = os.Stat(dir)
	if err != nil {
		return fmt.Errorf("cannot read the configuration: %w", err)
	}
	return o.judge(dir, info)
}

func (o Owner) judge(path string, info os.FileInfo) error {
	if d := o.distrust(info); d != nil {
		return &Untrusted{path, d.Why, d.do(path)}
	}
	return nil
}

// distrust is why somebody else could have written what info is of, and what mends it.
type distrust struct{ Why, command string }

func (d distrust) do(path string) string { return d.command + " " + path }

func (o Owner) distrust(info os.FileInfo) *distrust {
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != int(o) {
		return &distrust{"does not belong to " + o.String(), fmt.Sprintf("chown %d", int(o))}
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		return &distrust{fmt.Sprintf("may be written by its group or by others (mode %04o)", mode), "chmod go-w"}
	}
	return nil
}

func (o Owner) String() string {
	if o == 0 {
		return "root"
	}
	return fmt.Sprintf("user %d", int(o))
}
