package nginxconf

import (
	"strings"
	"testing"
)

func TestProxied(t *testing.T) {
	got, notes := dumped(t).Proxied()
	var lines []string
	for _, p := range got {
		lines = append(lines, p.Server+p.Path+targets(p.To))
	}
	want := []string{
		"api.example.com/ http||",
		"api.example.com/u uwsgi|unix:/run/api/uwsgi.sock|",
		"api.example.com/g fastcgi|127.0.0.1:9000|",
		"api.example.com/tls https|10.0.0.7:443|",
		"api.example.com/log http|[::1]:8000|",
		"api.example.com/unix http|unix:/run/api/api.sock|",
		"_/ http|localhost:5000|",
		"shop.example.com/ http|unix:/run/shop/shop.sock|fail_timeout=0 http|127.0.0.1:8001|backup http|10.0.0.9:80|down",
		"shop.example.com/admin/deep http|127.0.0.1:9001|",
	}
	if g, w := strings.Join(lines, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got:\n%s\nwant:\n%s", g, w)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "location ~* ^/API/v[12]/: no path is known") {
		t.Errorf("notes %q", notes)
	}
}

func TestNamesThatCanBeSent(t *testing.T) {
	for name, want := range map[string]string{"*.example.com": "www.example.com", ".example.com": "example.com", "www.example.*": "www.example.com",
		"~^x$": "_", "$hostname": "_", `""`: "_"} {
		c := parsed(t, "http { server { server_name "+name+"; location / { proxy_pass http://a:1; } location \"/a b\" { proxy_pass http://b:1; } } }")
		got, _ := c.Proxied()
		if len(got) != 1 || got[0].Server != want {
			t.Errorf("%s: %+v, want %s", name, got, want)
		}
	}
}
