package config

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// sizeMax is far above any file a person writes by hand.
const sizeMax = 1 << 20

// Load reads and validates a file that must belong to root. Errors: [Problems] with
// everything that is wrong in it, [*Untrusted] when others could have written it, or that it
// cannot be read.
func Load(path string) (*Config, error) { return Owner(0).Load(path) }

// Owner is the user whom a configuration must belong to: root, but for tests. The file
// names what root's verbs act on, so whoever can write it is root.
type Owner int

// Load is the package's Load for another owner.
func (o Owner) Load(path string) (*Config, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0) // O_NONBLOCK: a FIFO must not hold us
	if err != nil {
		return nil, fmt.Errorf("cannot read the configuration: %w; `gatemend init` writes one", err)
	}
	defer f.Close()
	if err := o.trusts(f); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, sizeMax+1))
	if err != nil {
		return nil, fmt.Errorf("cannot read the configuration: %w", err)
	}
	return Parse(path, data)
}

// Parse validates the text of a configuration; path is for messages only. Its error is
// always [Problems].
func Parse(path string, data []byte) (*Config, error) {
	r := &reader{file: path}
	if len(data) > sizeMax {
		return nil, Problems{r.problem(0, 0, "a shorter one", "the file is longer than 1 MiB")}
	}
	c := defaults(path)
	c.text = string(data)
	r.lines = strings.Split(c.text, "\n")
	top, bad := parse(data)
	if bad != nil {
		return nil, Problems{r.problem(bad.line, bad.column, "", "cannot read this as YAML: "+shown(bad.message))}
	}
	r.config(top, c)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
		return nil, r.problems
	}
	return c, nil
}
