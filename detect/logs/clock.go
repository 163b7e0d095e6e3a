package logs

import (
	"sync"
	"time"
)

// clock tells the time, and when it was set back since it was last read. By the times of what was counted
// alone that shows only while they are ahead: a site that is asked twice a minute would take an answer from
// before it, once its time has come again, for one after a start.
type clock struct {
	mu   sync.Mutex
	read func() (wall time.Time, ran time.Duration) // the time, and what passed by a clock that nobody sets
	wall time.Time
	ran  time.Duration
}

func newClock() clock {
	began := time.Now()
	return clock{read: func() (time.Time, time.Duration) {
		now := time.Now()
		return now, now.Sub(began)
	}}
}

// now errs on the side of a clock that was set back: one that is slewed by a second between two readings
// counts too.
func (c *clock) now() (now time.Time, back bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, ran := c.read()
	wall := now.Round(0) // without the clock that nobody sets
	back = !c.wall.IsZero() && wall.Sub(c.wall)-(ran-c.ran) < -time.Second
	c.wall, c.ran = wall, ran
	return now, back
}

// time is the sensor's. What was counted before a clock was set back is not taken for what came after.
func (s *Sensor) time() time.Time {
	now, back := s.clock.now()
	if back {
		for _, st := range s.sites {
			st.window.forget(now)
		}
	}
	return now
}
