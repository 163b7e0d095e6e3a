package detect

// Baseline is what a route looked like when it was last verified healthy. Only the
// verifier's verdict writes it.
type Baseline struct {
	At           Time              `json:"at"`
	Status       int               `json:"status"` // public status
	BodyHash     string            `json:"body_hash,omitempty"`
	Target       Target            `json:"target"`
	Binds        []Target          `json:"binds,omitempty"`
	Socket       *PathPart         `json:"socket,omitempty"` // mode, owner and group
	Dir          *PathPart         `json:"dir,omitempty"`
	NginxHash    string            `json:"nginx_hash,omitempty"`
	Files        map[string]string `json:"files,omitempty"`         // path → "mtime size keyed-hash" of unit, drop-ins, app entry files, and of env files with the names that they set
	Packages     map[string]string `json:"packages,omitempty"`      // name → version of what serves the route, see package detect/packages
	Listener     string            `json:"listener,omitempty"`      // who listens on the target, as "gunicorn of shop.service"
	SlowestStart Span              `json:"slowest_start,omitempty"` // start to first answer
	Config       string            `json:"config"`                  // fingerprint of the site's configuration: a site is "seen healthy" only under the present one
}

// BaselineOf is what the facts show of a route that was just verified healthy. The public status
// is kept only where it is proven that nginx forwarded the answer: it serves as proof later.
func BaselineOf(f Facts, config string) Baseline {
	b := Baseline{
		At: f.At, Target: f.Route.Target, Config: config, Files: f.Files,
		Socket: f.Path.Socket(), Dir: f.Path.Dir(), Listener: f.Listener(),
	}
	if f.Public.HealthyPublic() {
		b.Status, b.BodyHash = f.Public.Status, f.Public.BodyHash
	}
	if f.Unit != nil {
		b.Binds = f.Unit.Binds
	}
	if f.Nginx != nil && f.Nginx.Loaded != nil {
		b.NginxHash = f.Nginx.Loaded.Hash
	}
	for name, p := range f.Packages {
		if b.Packages == nil {
			b.Packages = map[string]string{}
		}
		b.Packages[name] = p.Version
	}
	return b
}

// Listener names who listens on the route's target, by program and unit; "" when nobody is seen, or
// several share it.
func (f Facts) Listener() string {
	name := ""
	for _, l := range f.Listeners {
		if !l.Ours || l.SameFile == "no" || len(l.Owners) == 0 {
			continue
		}
		is := l.Owners[0].Comm + " of " + l.Owners[0].Unit
		if name != "" && name != is {
			return ""
		}
		name = is
	}
	return name
}
