package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/remediate/durable"
)

const largest = 256 << 10

// readOwn reads a small file of ours; none is empty.
func readOwn(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, largest+1))
	if err == nil && len(text) > largest {
		err = fmt.Errorf("%q is longer than %d bytes", path, largest)
	}
	return text, err
}

// replace writes a file so that a crash leaves the old one or the new one.
func replace(path string, content []byte) error {
	if len(content) > largest {
		return fmt.Errorf("%q would be longer than %d bytes", path, largest)
	}
	return durable.Replace(path, content, 0o600)
}
