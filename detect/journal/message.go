package journal

import (
	"context"
	"fmt"

	"github.com/gatemend/gatemend/detect"
)

// QueryMessage gives the newest entries with a MESSAGE_ID that root wrote, at most max, oldest first.
func QueryMessage(ctx context.Context, id string, since detect.Time, max int) ([]Entry, error) {
	entries, err := query(ctx, since, max, "MESSAGE_ID="+id, "_UID=0")
	if err != nil {
		return entries, fmt.Errorf("cannot read the entries %q of the journal: %w", id, err)
	}
	return entries, nil
}
