package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/policy"
)

// bundles keep with each incident what was decided from: every case that read differently, as
// canonical JSON. A decision that was escalated has no intent in the record to hold its case.
type bundles struct {
	log    *audit.Log
	logger *slog.Logger

	mu   sync.Mutex
	kept map[string]string // of an incident, the last fingerprint and decision
}

// mostKept incidents are remembered: more are never open at a time.
const mostKept = 256

// decide is policy.Decide, and its evidence is kept before anything is done about it.
func (b *bundles) decide(c policy.Case) policy.Decision {
	d := policy.Decide(c)
	if c.Incident.ID != "" && b.isNew(c, d) {
		if err := b.keep(c, d); err != nil && !errors.Is(err, audit.ErrBundleFull) {
			b.logger.Warn("cannot keep evidence", "incident", c.Incident.ID, "err", err)
		}
	}
	return d
}

func (b *bundles) isNew(c policy.Case, d policy.Decision) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept == nil || len(b.kept) >= mostKept {
		b.kept = map[string]string{}
	}
	is := policy.Fingerprint(c) + string(d.Do)
	was := b.kept[c.Incident.ID]
	b.kept[c.Incident.ID] = is
	return is != was
}

func (b *bundles) keep(c policy.Case, d policy.Decision) error {
	text, err := policy.Canonical(map[string]any{"case": c, "decision": d})
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%d-%s-%s.json", c.Now, d.Do, c.Diagnosis.Primary.Cause)
	return b.log.SaveBundle(c.Incident.ID, name, text)
}
