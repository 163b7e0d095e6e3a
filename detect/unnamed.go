package detect

import "slices"

// Unnamed tells that nginx's configuration leads nobody to the site: no server block bears its name, and what
// answers in its place, if anything does, proxies nothing.
func (c *SiteConf) Unnamed() bool {
	if c == nil || c.Hash == "" || len(c.Upstreams) > 0 {
		return false
	}
	return !slices.ContainsFunc(c.Endpoints, func(e Endpoint) bool { return !e.ByDefault })
}

// Dropped tells a site that nginx served, and leads nobody to any more since it loaded what is on disk.
func (f *Facts) Dropped() bool {
	n, b := f.Nginx, f.Baseline
	return n != nil && b != nil && b.Status != 0 && n.Disk.Unnamed() && n.ChangedAt != 0 && n.LoadedAt >= n.ChangedAt
}
