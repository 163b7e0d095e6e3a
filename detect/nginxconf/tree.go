package nginxconf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// fileMax bounds one configuration file.
const fileMax = 8 << 20

// tree reads files on disk, below a root that is "/" but for containers and tests.
type tree struct{ root string }

// read opens without blocking: a FIFO in conf.d must not hold us.
func (t tree) read(path string) ([]byte, error) {
	real, err := t.resolve(path)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(real, os.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, fileMax+1))
	if len(data) > fileMax {
		return nil, fmt.Errorf("%s is longer than 8 MiB", path)
	}
	return data, err
}

// resolve follows the links of the last component within the root: sites-enabled is full of
// absolute links into sites-available.
func (t tree) resolve(path string) (string, error) {
	for range 16 {
		real := filepath.Join(t.root, path)
		to, err := os.Readlink(real)
		if err != nil {
			return real, nil // no link, or nothing there: opening tells
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", errors.New("too many links")
}

func (t tree) glob(pattern string) []string {
	found, err := filepath.Glob(filepath.Join(t.root, pattern))
	if err != nil {
		return nil
	}
	var out []string
	for _, real := range found {
		file := "/" + strings.TrimPrefix(strings.TrimPrefix(real, t.root), "/")
		if globbed(pattern, file) {
			out = append(out, file)
		}
	}
	slices.Sort(out)
	return out
}
