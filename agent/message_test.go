package agent

import (
	"testing"

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
	got := lasting([]string{
		"systemctl restart shop.service   # the socket is made at a start only",
		"chgrp www-data /run/shop/shop.sock; chmod 0770 /run/shop/shop.sock",
		"something removed /run/shop/shop.sock",
		"for good: systemctl edit shop.service   # [Service] Restart=on-failure RestartSec=2",
		"then: systemctl daemon-reload && systemctl restart shop.service",
	})
	if len(got) != 3 || got[0] != "something removed /run/shop/shop.sock" {
		t.Errorf("told %q", got)
	}
}
