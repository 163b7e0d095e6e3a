package cli

import (
	"context"
	"encoding/json"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/remediate"
)

// before is the record as the loop's memory of the agent before this one.
type before struct {
	log *audit.Log // nil: an agent that only looks remembers nothing
	dir string
}

// Latest is agent.Past.
func (p before) Latest(site, route string) (*agent.Incident, detect.Time) {
	if p.log == nil {
		return nil, 0
	}
	r, moved, ok := p.log.Latest(site, route)
	var i agent.Incident
	if !ok || json.Unmarshal(r.Data, &i) != nil || i.ID == "" {
		return nil, 0
	}
	i.Move(moved)
	return &i, r.At.Add(moved)
}

// Happened is agent.Past.
func (p before) Happened(_ context.Context, seq int64, f detect.Facts) (bool, string) {
	var i remediate.Intent
	if data := audit.Intent(p.dir, seq); data == nil || json.Unmarshal(data, &i) != nil {
		return true, "cannot be told: the intent cannot be read"
	}
	if i.Dry {
		return false, "was rehearsed only"
	}
	seen, why := remediate.Happened(i, f)
	return seen != remediate.NotDone, string(seen) + ": " + why
}
