package cli

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
	"github.com/google/go-cmp/cmp"
)

func TestASiteThatNginxDoesNotServeIsNamed(t *testing.T) {
	conf, err := nginxconf.Parse([]byte(`# configuration file /etc/nginx/nginx.conf:
events {}
http { server { listen 80 default_server; return 404; }
server { listen 80; server_name shop.test; location / { proxy_pass http://unix:/run/shop/shop.sock; } } }
`))
	if err != nil {
		t.Fatal(err)
	}
	route := []detect.Route{{Path: "/"}}
	got := unserved([]detect.Site{{Name: "shop", Server: "shop.test", Routes: route}, {Name: "blog", Server: "blog.test", Routes: route}}, conf)
	want := []string{"blog: nginx has no server block for blog.test: grep -rn server_name /etc/nginx"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
