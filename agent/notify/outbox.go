package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/remediate/durable"
)

// mostWaiting messages are kept; beyond them one goes for each that comes, which is counted,
// and told with the next that arrives.
const mostWaiting = 500

// outbox is the messages that one channel has not taken yet: a file each, named by a number
// that rises, so that their order is that in which they were sent whatever the clock does.
// They are kept in memory too: what the disk does not take waits there for as long as we live.
type outbox struct {
	dir  string
	next uint64
	all  []waiting
	torn int // could not be read when the outbox was opened
}

// waiting is a message with its place in the outbox.
type waiting struct {
	name   string
	memory bool // the disk did not take it
	Message
}

const suffix, tornSuffix = ".json", ".torn"

// openOutbox reads what waits from before. What a crash left half written was promised to
// nobody and goes; what cannot be read is set aside for a person.
func openOutbox(dir string) (*outbox, error) {
	o := &outbox{dir: dir, next: 1}
	entries, err := os.ReadDir(dir) // sorted by name, and so by age
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read waiting messages: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		n, err := strconv.ParseUint(stem(e.Name()), 10, 64)
		if err == nil && n >= o.next {
			o.next = n + 1
		}
		switch {
		case durable.Unfinished(e.Name()):
			_ = os.Remove(path)
		case filepath.Ext(path) == suffix && err == nil:
			o.load(e.Name())
		}
	}
	return o, nil
}

func stem(name string) string {
	s, _, _ := strings.Cut(name, ".")
	return s
}

func (o *outbox) load(name string) {
	raw, err := os.ReadFile(filepath.Join(o.dir, name))
	w := waiting{name: name}
	if err == nil {
		err = json.Unmarshal(raw, &w.Message)
	}
	if err != nil {
		o.torn++
		_ = os.Rename(filepath.Join(o.dir, name), filepath.Join(o.dir, stem(name)+tornSuffix))
		return
	}
	if w.ID == "" {
		w.ID = stem(name)
	}
	o.all = append(o.all, w)
}

func (o *outbox) has(id string) bool {
	return slices.ContainsFunc(o.all, func(w waiting) bool { return w.ID == id })
}

// put stores a message so that it survives a loss of power. On an error it is kept in memory.
func (o *outbox) put(m Message) error {
	raw, err := json.Marshal(m)
	w := waiting{name: fmt.Sprintf("%020d%s", o.next, suffix), Message: m}
	o.next++
	if err == nil {
		err = store(filepath.Join(o.dir, w.name), raw)
	}
	w.memory = err != nil
	o.all = append(o.all, w)
	if err != nil {
		return fmt.Errorf("cannot store message: %w", err)
	}
	return nil
}

// forget leaves out what another program has delivered and removed: `gatemend notify resend`
// that ran while we started.
func (o *outbox) forget() {
	o.all = slices.DeleteFunc(o.all, func(w waiting) bool {
		_, err := os.Lstat(filepath.Join(o.dir, w.name))
		return !w.memory && errors.Is(err, fs.ErrNotExist)
	})
}

func (o *outbox) drop(w waiting) error {
	o.all = slices.DeleteFunc(o.all, func(x waiting) bool { return x.name == w.name })
	if err := os.Remove(filepath.Join(o.dir, w.name)); err != nil && !w.memory && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove delivered message: %w", err)
	}
	return nil
}

// surplus are those beyond the bound: the oldest, and what tells of a recovery last of all.
func surplus(all []waiting) []waiting {
	over := len(all) - mostWaiting
	var out []waiting
	for _, healed := range []bool{false, true} {
		for _, w := range all {
			if len(out) < over && (w.State == Healed) == healed {
				out = append(out, w)
			}
		}
	}
	return out
}
