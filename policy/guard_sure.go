package policy

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// factsKnown: a guard that cannot look must not be read as one that passed.
func factsKnown(t *turn) verdict {
	var lack []string
	switch {
	case t.act.Verb.in(setsMode) && (t.f.Unit == nil || t.f.Path == nil):
		lack = append(lack, "the unit or the path")
	case !t.act.Verb.in(setsMode) && t.unit == nil:
		lack = append(lack, "the state of "+t.act.Unit)
	}
	if t.f.Quiet == nil {
		lack = append(lack, "who is at work and which files change")
	}
	if len(lack) > 0 {
		return refuses(early, FactsLacking, add(t.now(), secondLook), "not known: %s", strings.Join(lack, "; "))
	}
	return passes("the unit, the files and who is at work are known")
}

// confident leaves a unit that is going down its time: a killed master's workers may have slow requests
// in flight, and nobody is called for what is sure when they are done.
func confident(t *turn) verdict {
	if t.d.Confidence >= detect.ActAt {
		return passes("confidence %d of 100, acting needs %d", t.d.Confidence, detect.ActAt)
	}
	if u := t.f.Unit; u != nil && u.Active == "deactivating" && !aged(t.c) {
		return refuses(early, Settling, add(t.now(), secondLook), "confidence is %d of 100 while %s is going down", t.d.Confidence, u.Name)
	}
	return never(LowConfidence, "confidence is %d of 100, acting needs %d", t.d.Confidence, detect.ActAt)
}

func seenTwice(t *turn) verdict {
	switch seen := t.c.Incident.Seen; {
	case t.d.Decisive:
		return passes("the evidence is decisive")
	case seen >= 2:
		return passes("seen %d times in a row", seen)
	}
	return refuses(early, SeenOnce, add(t.now(), secondLook), "seen once; it counts when it is seen again in %s", told(secondLook))
}
