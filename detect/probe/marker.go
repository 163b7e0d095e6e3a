package probe

import (
	"crypto/rand"
	"regexp"
)

const markerPath = "/.gatemend-probe-"

// NewMarker makes a marker that nobody outside can guess.
func NewMarker() string { return rand.Text()[:16] }

// referer writes the marker so that `valid_referers server_names` lets it pass: as a page of
// the site itself.
func (q Question) referer() string {
	if q.Marker == "" {
		return ""
	}
	return q.scheme() + "://" + q.host() + markerPath + q.Marker
}

var marked = regexp.MustCompile(regexp.QuoteMeta(markerPath) + `([A-Z2-7]{16})\b`)

// Marker finds the marker in a log line; "" when there is none. A client can write any marker
// it likes: it counts only when it is one that we sent.
func Marker(line string) string {
	if m := marked.FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return ""
}
