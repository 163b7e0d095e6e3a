package agent

import "github.com/gatemend/gatemend/detect"

// Cause is what the incident was about: the cause that was acted on, or else the latest
// diagnosis. After a repair the latest look shows what is left of it, which names nothing.
func (i *Incident) Cause() detect.Cause {
	if i.Decision != nil && i.Decision.Action != nil {
		return i.Decision.Action.Cause
	}
	return i.Diagnosis.Primary.Cause
}
