package agent

import (
	"math/rand/v2"
	"time"
)

// phase is when in an interval a route is first asked: those that began together, at the agent's
// start, are not asked together for ever.
func phase(every time.Duration) time.Duration { return rand.N(every) }

// jitter makes a pause up to a tenth longer: sites whose pauses end at the same moment do not all look
// at once. What is looked at twice in a few seconds is one site's affair, and kept to the moment.
func jitter(pause time.Duration) time.Duration {
	if pause <= steady {
		return pause
	}
	return pause + rand.N(pause/10)
}

const steady = 10 * time.Second
