package packages

import (
	"errors"
	"io/fs"

	"github.com/gatemend/gatemend/detect"
)

// Reader reads what is installed. Its methods are safe for concurrent use.
type Reader struct {
	root   string // "" is /; tests
	debian debian
}

// New makes a reader.
func New() *Reader { return &Reader{} }

// Read gives the packages by name, such as "flask (python)" and "nginx-light (debian)". Program is
// the unit's ExecStart: a virtual environment is the one that it lies in, without one the system's
// Python counts. What does not exist is left out; an error is of what exists and cannot be read.
func (r *Reader) Read(program string) (map[string]detect.Package, error) {
	found := map[string]detect.Package{}
	err := r.python(program, found)
	return found, errors.Join(err, r.dpkg(found))
}

// absent tells an error that only says that there is nothing.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
