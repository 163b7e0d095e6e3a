package agent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/detect"
)

func TestWhatChangedIsToldWithItsTime(t *testing.T) {
	const outage, s = detect.Time(1_790_000_000_000_000), detect.Span(1_000_000)
	upgrade := detect.Change{What: "package", Name: "flask (python)", Before: "2.2.2", After: "3.0.0", At: outage.Add(-12 * s)}
	for want, changes := range map[string][]detect.Change{
		"": nil,
		"package flask (python): 2.2.2 → 3.0.0, 12 s before the outage": {upgrade},
		"nginx-conf /etc/nginx/nginx.conf, 3 s into the outage":         {{What: "nginx-conf", Name: "/etc/nginx/nginx.conf", At: outage.Add(3 * s)}},
		"app-file /srv/shop/app.py, as the outage began":                {{What: "app-file", Name: "/srv/shop/app.py", At: outage + 1}},
		"envfile /etc/shop/env lost DATABASE_URL: 40 bytes → 12 bytes":  {{What: "envfile", Name: "/etc/shop/env", Before: "40 bytes", After: "12 bytes", Lost: []string{"DATABASE_URL"}}},
		"unit /etc/u: other content":                                    {{What: "unit", Name: "/etc/u", Before: "9 bytes", After: "9 bytes"}},
		"bind shop.service: 127.0.0.1:1 → 127.0.0.1:2; and 1 more":      {{What: "bind", Name: "shop.service", Before: "127.0.0.1:1", After: "127.0.0.1:2"}, upgrade},
	} {
		if got := changedText(changes, outage); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
}

func TestWhoIsHealedIsNotToldToRestart(t *testing.T) {
	k := &keeper{Agent: &Agent{}, Setup: &Setup{}, inc: Incident{ID: "1", Diagnosis: detect.Diagnosis{Primary: detect.Finding{Advice: []detect.Advice{
		{Text: "systemctl restart shop.service"}, {Text: "something removed /run/shop/shop.sock", Lasting: true},
	}}}}}
	for state, want := range map[string][]string{
		ToldSick:   {"systemctl restart shop.service", "something removed /run/shop/shop.sock"},
		ToldHealed: {"something removed /run/shop/shop.sock"},
	} {
		if got := k.message(state).Advice; !cmp.Equal(got, want) {
			t.Errorf("%s: told %q", state, got)
		}
	}
}
