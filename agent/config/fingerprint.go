package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/gatemend/gatemend/detect"
)

// SiteFingerprint identifies what a site's configuration says about where it is and how it is
// asked. A baseline counts only under the same fingerprint. How much of the site is ours to
// manage, how often it is asked, and its key in the file are no part of what was seen.
func SiteFingerprint(s detect.Site) string {
	type route struct {
		Path, Target, Unit, Socket string
	}
	seen := struct {
		Server, Probe, Method, Public string
		Routes                        []route
	}{Server: s.Server, Probe: s.Probe.Path, Method: s.Probe.Method, Public: s.Probe.Public}
	for _, r := range s.Routes {
		seen.Routes = append(seen.Routes, route{r.Path, r.Target.String(), r.Unit, r.Socket})
	}
	text, err := json.Marshal(seen)
	if err != nil { // strings always marshal
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
