package journal

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/command"
)

// Message is a kind of entry, as far as it can be believed: anybody can send one with any id.
type Message struct {
	ID   string
	UIDs []int // who is believed
}

// match are the fields; several values of the same field mean any of them (journalctl(1)).
func (m Message) match() []string {
	out := []string{"MESSAGE_ID=" + m.ID}
	for _, uid := range m.UIDs {
		out = append(out, "_UID="+strconv.Itoa(uid))
	}
	if len(m.UIDs) == 0 {
		out = append(out, "_UID=0")
	}
	return out
}

// QueryMessage gives the newest entries of a kind, at most max, oldest first.
func QueryMessage(ctx context.Context, m Message, since detect.Time, max int) ([]Entry, error) {
	entries, err := query(ctx, since, max, m.match()...)
	if err != nil {
		return entries, fmt.Errorf("cannot read the entries %q of the journal: %w", m.ID, err)
	}
	return entries, nil
}

// QueryValues gives the values of one field of the entries of a kind since a moment, whole, oldest first; at most max entries are looked at, the newest ones.
func QueryValues(ctx context.Context, m Message, field string, since detect.Time, max int) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	out, err := command.Run(ctx, command.Journal, append([]string{"--since=" + stamp(since), "--lines=" + strconv.Itoa(max)}, m.match()...)...)
	if err != nil {
		return nil, fmt.Errorf("cannot read %q of the journal: %w", field, err)
	}
	values, err := valuesOf(bytes.NewReader(out.Stdout), field, out.Truncated)
	slices.Reverse(values)
	return values, err
}
