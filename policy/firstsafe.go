package policy

import "github.com/gatemend/gatemend/detect"

// FirstSafe is the first rung of the default ladder that the evidence itself supports,
// without history, holds or baseline: what `explain` answers for log lines of anywhere.
// None means that a person is needed.
func FirstSafe(d detect.Diagnosis, f detect.Facts) Verb {
	if d.Primary.Confidence < detect.ActAt || d.Health == detect.Healthy || d.Health == detect.Degraded {
		return None
	}
	for _, r := range ladders[d.Primary.Cause] {
		if r.extra {
			continue
		}
		if r.fits == nil || r.fits(&d.Primary, &f) == nil {
			return r.verb
		}
	}
	return None
}
