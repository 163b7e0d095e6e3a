package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Bounds of an outbox: beyond them the oldest goes, which is said.
const (
	mostWaiting = 500
	oldest      = 7 * 24 * time.Hour
)

// outbox is the messages that one channel has not taken yet: a file each, named so that
// their order is the order in which they were sent.
type outbox struct {
	dir string
	seq int // tells apart what is sent within a microsecond
}

func openOutbox(dir string) (*outbox, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot keep messages: %w", err)
	}
	return &outbox{dir: dir}, nil
}

// put stores a message so that it survives a loss of power.
func (o *outbox) put(m Message) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("cannot store message: %w", err)
	}
	o.seq++
	name := filepath.Join(o.dir, fmt.Sprintf("%020d-%06d.json", time.Now().UnixMicro(), o.seq%1_000_000))
	if err := o.write(name, raw); err != nil {
		return fmt.Errorf("cannot store message: %w", err)
	}
	return nil
}

func (o *outbox) write(name string, raw []byte) error {
	f, err := os.OpenFile(name+".tmp", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(name+".tmp", name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name+".tmp"))
	}
	d, err := os.Open(o.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// waiting lists what is to be delivered, oldest first. What a crash left half written was
// never promised to anybody, and goes.
func (o *outbox) waiting() ([]string, error) {
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read waiting messages: %w", err)
	}
	var names []string
	for _, e := range entries {
		switch name := filepath.Join(o.dir, e.Name()); filepath.Ext(name) {
		case ".json":
			names = append(names, name)
		case ".tmp":
			if i, err := e.Info(); err == nil && time.Since(i.ModTime()) > time.Minute {
				_ = os.Remove(name) // it will be tried again
			}
		}
	}
	slices.Sort(names)
	return names, nil
}

// surplus are the names beyond the bounds, oldest first.
func surplus(names []string, now time.Time) []string {
	n := max(0, len(names)-mostWaiting)
	for n < len(names) && now.Sub(storedAt(names[n])) > oldest {
		n++
	}
	return names[:n]
}

// storedAt reads the time in a name; a name that has none counts as new.
func storedAt(name string) time.Time {
	var micro int64
	stem, _, _ := strings.Cut(filepath.Base(name), "-")
	if _, err := fmt.Sscanf(stem, "%d", &micro); err != nil {
		return time.Now()
	}
	return time.UnixMicro(micro)
}

// get reads a message; one that is gone already gives fs.ErrNotExist.
func (o *outbox) get(name string) (Message, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return Message{}, err
	}
	var m Message
	if err := json.Unmarshal(raw, &m); err != nil {
		return Message{}, fmt.Errorf("cannot read message %q: %w", name, err)
	}
	return m, nil
}

func (o *outbox) drop(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove delivered message: %w", err)
	}
	return nil
}
