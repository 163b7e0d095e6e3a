package unit

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

// largest file that is read: unit files, environment files, gunicorn.conf.py, start scripts.
const largest = 256 << 10

// readFile reads a small regular file. It never blocks: a FIFO or a device in a file's place, which
// an app's user can make, is refused.
func readFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() || fi.Size() > largest {
		return nil, fmt.Errorf("cannot read %q: not a regular file of at most %d bytes", path, largest)
	}
	return io.ReadAll(io.LimitReader(f, largest))
}

// outputFiles gives the files of StandardOutput= and StandardError=: D-Bus tells only that they are
// files ("append", "file", "truncate"), so the path is read from the unit's files, the last one
// counting, as drop-ins come after the fragment.
func outputFiles(p properties, unitFiles []string) (paths []string) {
	for _, name := range []string{"StandardOutput", "StandardError"} {
		kind, _, _ := strings.Cut(p.text(name), ":")
		if kind != "append" && kind != "file" && kind != "truncate" {
			continue
		}
		var path string
		for _, file := range unitFiles {
			text, err := readFile(file)
			if err == nil {
				path = lastFile(string(text), name, path)
			}
		}
		if path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// lastFile reads NAME=append:/path lines. A path with specifiers (%n) is not resolved.
func lastFile(text, name, before string) string {
	for _, line := range strings.Split(text, "\n") {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.TrimSpace(key) != name {
			continue
		}
		_, path, _ := strings.Cut(strings.TrimSpace(value), ":")
		before = ""
		if strings.HasPrefix(path, "/") && !strings.Contains(path, "%") {
			before = path
		}
	}
	return before
}
