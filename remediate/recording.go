package remediate

import (
	"context"
	"fmt"
	"sync"
)

// Recording effects change nothing and remember what they were asked. An executor over
// them is a dry run. Safe for concurrent use; the zero value is ready.
type Recording struct {
	mu    sync.Mutex
	asked []Request
}

// Do remembers the request.
func (r *Recording) Do(_ context.Context, rec Recorded) (Result, error) {
	if err := rec.Request().Check(); err != nil {
		return Result{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, rec.Request())
	return Result{After: fmt.Sprintf("would %s", rec.Request())}, nil
}

// Asked are the requests so far, oldest first.
func (r *Recording) Asked() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.asked...)
}
