package machine

import (
	"context"
	"fmt"
	"io/fs"
	"os"
)

// File is something to be put on a machine. Its owner is root.
type File struct {
	Path    string
	Mode    fs.FileMode // 0644 if zero
	Content []byte
}

// Write puts a file on the machine, with its parent directories, as a new inode: a reader sees the old
// content or the new, and inotify sees what it sees when an editor or a deploy tool saves.
func (m *Machine) Write(ctx context.Context, path string, mode fs.FileMode, content []byte) error {
	if mode == 0 {
		mode = 0o644
	}
	const script = `mkdir -p "$(dirname "$1")" && cat >"$1.new" && chmod "$2" "$1.new" && mv -T "$1.new" "$1"`
	_, err := m.feed(ctx, nonNil(content), "sh", "-euc", script, "write", path, fmt.Sprintf("%04o", octal(mode)))
	return err
}

// octal is the mode as chmod(1) wants it: Go keeps the three special bits elsewhere.
func octal(mode fs.FileMode) uint32 {
	bits := uint32(mode.Perm())
	for i, special := range []fs.FileMode{fs.ModeSticky, fs.ModeSetgid, fs.ModeSetuid} {
		if mode&special != 0 {
			bits |= 0o1000 << i
		}
	}
	return bits
}

// nonNil keeps an empty file from meaning "no input".
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Read returns the content of a file on the machine.
func (m *Machine) Read(ctx context.Context, path string) ([]byte, error) {
	out, err := m.Run(ctx, "cat", "--", path)
	return []byte(out), err
}

// CopyIn copies a file of the host to the machine, such as the agent's binary.
func (m *Machine) CopyIn(ctx context.Context, host, path string, mode fs.FileMode) error {
	content, err := os.ReadFile(host)
	if err != nil {
		return fmt.Errorf("cannot copy %q to the machine: %w", host, err)
	}
	return m.Write(ctx, path, mode, content)
}
