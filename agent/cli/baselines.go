package cli

import (
	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/baseline"
	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect"
)

// baselines is the store as the loop's port: only what the verifier proved is stored.
type baselines struct{ *baseline.Store }

// Get is agent.Baselines.
func (b baselines) Get(site detect.Site, route detect.Route) (*detect.Baseline, error) {
	return b.Store.Get(site.Name, route.Path)
}

// Put is agent.Baselines.
func (b baselines) Put(h agent.Healthy) error {
	v, err := baseline.Of(baseline.Seen{
		Site: h.Site(), Route: h.Route(), Facts: h.Facts(), Config: config.SiteFingerprint(h.Site()),
		Slowest: h.SlowestStart(),
	})
	if err != nil {
		return err
	}
	return b.Store.Put(v)
}
