package wire

import (
	"sync"
	"time"
)

// Activity knows how long nothing was asked. The zero value is ready: idle since never.
type Activity struct {
	mu   sync.Mutex
	busy int
	last time.Time
}

func (a *Activity) begin() (end func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.busy--
		a.last = time.Now()
	}
}

// Since is when the last answer ended; not ok while one is being worked on.
func (a *Activity) Since() (last time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.last, a.busy == 0
}
