package notify

import (
	"math/rand/v2"
	"time"
)

// pace is how a channel takes its time.
type pace struct {
	gather time.Duration // several sites' messages wait for each other, where a person reads them
	within time.Duration // one delivery has so long
	first  time.Duration // back-off after a round without a delivery
	most   time.Duration // back-off, and what a Retry-After is taken for, at most
}

var normalPace = pace{gather: 4 * time.Second, within: 30 * time.Second, first: 5 * time.Second, most: 10 * time.Minute}

// backoff doubles with each failure, as long as the other end asks for and no longer than our
// own limit. It is spread by a fifth, so that many hosts do not return at once.
func (p pace) backoff(fails int, asked time.Duration) time.Duration {
	d := p.first
	for i := 1; i < fails && d < p.most; i++ {
		d *= 2
	}
	d = min(max(d, asked), p.most)
	return d + time.Duration(rand.Int64N(int64(d)/5+1))
}
