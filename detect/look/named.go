package look

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

// Named implements [Looker].
func (l *Local) Named(ctx context.Context, site, route string) ([]detect.Named, error) {
	u, err := l.unitOf(ctx, site, route)
	if err != nil || u == nil {
		return nil, err
	}
	var out []detect.Named
	if len(u.Argv) > 0 {
		out = program(u.Argv[0])
	}
	if dir := u.Directory(); dir != "" {
		out = append(out, Inspect("dir", dir))
	}
	for _, f := range u.EnvFiles {
		path, optional := strings.CutPrefix(f, "-")
		n := Inspect("envfile", path)
		if optional && n.State == "missing" {
			n.State, n.Note = "unknown", "may be missing"
		}
		out = append(out, n)
	}
	return out, nil
}

// Inspect looks at one path as ourselves. What another user than root may not look at is unknown to it.
func Inspect(kind, path string) detect.Named {
	n := detect.Named{Kind: kind, Name: path, State: "exists"}
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		n.State = "missing"
	case errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0:
		n.State, n.Note = "unknown", "only root may look there"
	case errors.Is(err, fs.ErrPermission):
		n.State = "unreadable"
	case err != nil:
		n.State, n.Note = "unknown", detect.Clean(err.Error())
	case kind == "envfile" && unreadable(path):
		n.State = "unreadable"
	case kind == "dir" && !fi.IsDir():
		n.State, n.Note = "missing", "not a directory"
	default:
		n.MTime = detect.At(fi.ModTime())
	}
	return n
}

// program looks at what ExecStart= runs, and at the interpreter of a script: execve(2) says "no such
// file" of a script whose interpreter is missing.
func program(path string) []detect.Named {
	n := Inspect("exec", path)
	if n.State != "exists" {
		return []detect.Named{n}
	}
	if fi, err := os.Stat(path); err == nil && (fi.IsDir() || fi.Mode()&0o111 == 0) {
		n.State = "not-executable"
		return []detect.Named{n}
	}
	first, ok := shebang(path)
	if !ok {
		return []detect.Named{n}
	}
	if strings.HasSuffix(first, "\r") {
		n.State, n.Note = "crlf", "the first line ends with a carriage return"
		return []detect.Named{n}
	}
	words := strings.Fields(first)
	if len(words) == 0 || !filepath.IsAbs(words[0]) {
		return []detect.Named{n}
	}
	return []detect.Named{n, Inspect("interpreter", words[0])}
}

// shebang is what stands behind "#!" on the first line of a script.
func shebang(path string) (string, bool) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a FIFO must not block
	if err != nil {
		return "", false
	}
	defer f.Close()
	line, _ := bufio.NewReaderSize(f, 512).ReadSlice('\n')
	rest, ok := strings.CutPrefix(string(line), "#!")
	return strings.TrimSuffix(rest, "\n"), ok
}

// unreadable tells a file that exists and that we may not read.
func unreadable(path string) bool { return unix.Access(path, unix.R_OK) == unix.EACCES }
