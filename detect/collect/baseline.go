package collect

import "github.com/gatemend/gatemend/detect"

// Baseline is what a route looks like in facts that were just verified healthy. config is the
// fingerprint of its configuration; slowest is the longest start to first answer seen since the earlier
// baseline, whose own is kept where it is longer.
func Baseline(f detect.Facts, config string, slowest detect.Span) detect.Baseline {
	b := detect.Baseline{At: f.At, Target: f.Route.Target, Files: f.Files, Config: config, SlowestStart: slowest}
	if f.Public != nil {
		b.Status, b.BodyHash = f.Public.Status, f.Public.BodyHash
	}
	if f.Unit != nil {
		b.Binds = f.Unit.Binds
	}
	b.Socket, b.Dir = socketPart(f.Path), dirPart(f.Path)
	if f.Nginx != nil && f.Nginx.Disk != nil {
		b.NginxHash = f.Nginx.Disk.Hash
	}
	if f.Baseline != nil {
		b.SlowestStart = max(slowest, f.Baseline.SlowestStart)
	}
	return b
}
