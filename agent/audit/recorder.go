package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gatemend/gatemend/policy"
)

// Recorder is a log as the loop uses it: any data, and the history of the log's own window, see [Log.Keep].
type Recorder struct{ Log *Log }

// Append records data as JSON. See [Log.Append] for what its errors mean.
func (r Recorder) Append(ctx context.Context, kind, incident, site, route string, data any) (int64, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return 0, fmt.Errorf("cannot record %s: %w", kind, err)
	}
	return r.Log.Append(ctx, Record{Kind: Kind(kind), Incident: incident, Site: site, Route: route, Data: raw})
}

// History is our actions of that window, oldest first.
func (r Recorder) History(context.Context) ([]policy.Entry, error) {
	return r.Log.History(0), nil
}

// Kept tells whether an error of Append still means that the record is kept, on the disk
// or in journald: what an intent needs.
func Kept(err error) bool {
	var only *JournalOnly
	return err == nil || errors.As(err, &only)
}
