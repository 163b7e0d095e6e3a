package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const before = `mode: dry-run
limits: {gap: 1s}
remind: [15m, 1h]
notify:
  - {command: [/bin/page-me]}
  - {name: ops, webhook: {url: "https://hooks.example.com/sEcReT"}}
sites:
  shop:
    server: shop.example.com
    routes: [{path: /, target: "unix:/run/shop.sock", unit: shop.service, manage: act}]
  blog:
    server: blog.example.com
    routes: [{path: /, target: "unix:/run/blog.sock", unit: blog.service, manage: act}]
`

// What changed is said by the file's own keys, and nothing of where a channel leads.
func TestChanges(t *testing.T) {
	for name, tt := range map[string]struct {
		edits []string // old, new, …
		want  []string
	}{
		"nothing":         {nil, nil},
		"a comment":       {[]string{"mode:", "# armed soon\nmode:"}, nil},
		"the mode":        {[]string{"dry-run", "act"}, []string{"mode: dry-run → act"}},
		"a limit":         {[]string{"gap: 1s", "gap: 1s, parallel: 2"}, []string{"limits.parallel: default → 2"}},
		"back to default": {[]string{"limits: {gap: 1s}\n", ""}, []string{"limits.gap: 1s → default"}},
		"a list":          {[]string{"[15m, 1h]", "[30m]"}, []string{"remind: [15m, 1h] → [30m]"}},
		"a route":         {[]string{"unix:/run/shop.sock", "unix:/run/new.sock"}, []string{"site shop: routes /.target: unix:/run/shop.sock → unix:/run/new.sock"}},
		"a probe":         {[]string{"blog.service, manage: act}]\n", "blog.service, manage: act}]\n    probe: {every: 5s}\n"}, []string{"site blog: probe.every: not set → 5s"}},
		"another site":    {[]string{"  blog:", "  wiki:"}, []string{"site blog: removed", "site wiki: added"}},
		"a secret":        {[]string{"sEcReT", "sEcReT2"}, []string{"channel ops: changed"}},
		"a template":      {[]string{`sEcReT"`, `sEcReT", template: json`}, nil},
		"other channels":  {[]string{"/bin/page-me", "/bin/call-me"}, []string{"channel call-me: added", "channel page-me: removed"}},
		"many": {[]string{"dry-run", "act", "gap: 1s", "gap: 2s", "name: ops", "name: team"},
			[]string{"limits.gap: 1s → 2s", "mode: dry-run → act", "channel ops: removed", "channel team: added"}},
	} {
		t.Run(name, func(t *testing.T) {
			was, err := Parse("gatemend.yaml", []byte(before))
			if err != nil {
				t.Fatal(err)
			}
			is, err := Parse("gatemend.yaml", []byte(strings.NewReplacer(tt.edits...).Replace(before)))
			if err != nil {
				t.Fatal(err)
			}
			got := Changes(was, is)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if same := was.Hash() == is.Hash(); same != (tt.edits == nil) {
				t.Errorf("the hash is the same: %v", same)
			}
		})
	}
}
