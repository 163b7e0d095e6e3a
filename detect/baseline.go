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
	Files        map[string]string `json:"files,omitempty"`         // path → "mtime size keyed-hash" of unit, drop-ins, env files, app entry files
	SlowestStart Span              `json:"slowest_start,omitempty"` // start to first answer
	Config       string            `json:"config"`                  // fingerprint of the site's configuration: a site is "seen healthy" only under the present one
}
