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

// QueryMessage gives the newest entries with a MESSAGE_ID that root wrote, at most max, oldest first.
func QueryMessage(ctx context.Context, id string, since detect.Time, max int) ([]Entry, error) {
	entries, err := query(ctx, since, max, "MESSAGE_ID="+id, "_UID=0")
	if err != nil {
		return entries, fmt.Errorf("cannot read the entries %q of the journal: %w", id, err)
	}
	return entries, nil
}

// QueryValues gives the values of one field of the entries with a message id that root wrote since a
// moment, whole, oldest first; at most max entries are looked at, the newest ones.
func QueryValues(ctx context.Context, id, field string, since detect.Time, max int) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	out, err := command.Run(ctx, command.Journal, "--since="+stamp(since), "--lines="+strconv.Itoa(max), "MESSAGE_ID="+id, "_UID=0")
	if err != nil {
		return nil, fmt.Errorf("cannot read %q of the journal: %w", field, err)
	}
	values, err := valuesOf(bytes.NewReader(out.Stdout), field, out.Truncated)
	slices.Reverse(values)
	return values, err
}
