package policy

import "github.com/gatemend/gatemend/detect"

// Release is a person's word on one plan: `heal --plan`, or `approve`. It is bound to what the
// person read: when the fingerprint moved it releases nothing.
type Release struct {
	Plan  string      `json:"plan"` // the fingerprint
	By    string      `json:"by"`
	At    detect.Time `json:"at"`
	Until detect.Time `json:"until,omitempty"` // an approval's end; 0 for a heal, which ends with its answer
}

// stands tells whether the word is given and not over.
func (r *Release) stands(now detect.Time) bool { return r != nil && (r.Until == 0 || now < r.Until) }

// asReleased keeps to the plan that a person released. Whoever asks for one gets that one or none.
func asReleased(t *turn) verdict {
	r := t.c.Incident.Release
	switch {
	case !r.stands(t.now()):
		return notConcerned()
	case Fingerprint(*t.c) != r.Plan:
		return never(PlanMoved, "things changed since the plan that %s released", r.By)
	}
	return passes("released by %s: nothing of the plan moved", r.By)
}

// planLen characters of a fingerprint tell plans apart, and can be typed.
const planLen = 12

// PlanID is a fingerprint as a person types it.
func PlanID(fingerprint string) string { return fingerprint[:min(planLen, len(fingerprint))] }
