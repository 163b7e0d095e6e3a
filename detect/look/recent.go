package look

import (
	"context"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// fresh is how long a unit that was just read serves for finding its files and processes: the
// verbs of one look at a site ask for it side by side.
const fresh = 250 * time.Millisecond

// recent remembers the unit that was read last.
type recent struct {
	mu   sync.Mutex
	name string
	at   time.Time
	last *detect.Unit
}

func (r *recent) unit(ctx context.Context, units Units, name string) (*detect.Unit, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.name == name && time.Since(r.at) < fresh {
		return r.last, nil
	}
	u, err := units.Unit(ctx, name)
	if err != nil {
		return nil, err
	}
	r.name, r.at, r.last = name, time.Now(), u
	return u, nil
}
