package verify

import (
	"net/http"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// hopeless are outcomes that no waiting changes: what is there is not what was configured.
var hopeless = map[detect.Outcome]bool{
	detect.NotAsked:  true,
	detect.BadPath:   true,
	detect.Malformed: true,
	detect.TLSFailed: true,
}

// again tells whether an answer is worth asking once more: a socket that is missing, refuses,
// denies or has a full queue may be about to be made, and a 5xx may be an app that warms up.
func again(a detect.Answer) bool {
	return !a.Healthy() && !hopeless[a.Outcome]
}

const (
	dense  = 20 * time.Millisecond // an outage of 0.3 s is seen to 7 %
	normal = 250 * time.Millisecond
	sparse = time.Second
)

// backoff is the wait before the attempt after number n (from 0): dense for the first 0.3 s,
// growing to 250 ms, and 1 s after about ten seconds. Retry-After is ignored on purpose: the
// library's own back-off obeys it without any limit.
func backoff(_, _ time.Duration, n int, _ *http.Response) time.Duration {
	const denseFor, normalFrom, sparseFrom = 15, 26, 62
	switch {
	case n < denseFor:
		return dense
	case n < normalFrom:
		return dense + (normal-dense)*time.Duration(n-denseFor)/(normalFrom-denseFor)
	case n < sparseFrom:
		return normal
	}
	return sparse
}
