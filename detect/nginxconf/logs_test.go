package nginxconf

import (
	"fmt"
	"slices"
	"testing"
)

const twoServers = `# configuration file /etc/nginx/nginx.conf:
events {}
http {
	access_log /var/log/nginx/access.log;
	server { listen 80; server_name shop.example.com www.shop.example.com; location / { proxy_pass http://127.0.0.1:8000; } }
	server { listen 443; server_name shop.example.com; location / { proxy_pass http://127.0.0.1:8000; } }
	server { listen 80; server_name blog.example.com; %s location / { root /srv; } }
}
`

func TestSharesAccessLog(t *testing.T) {
	for own, shared := range map[string]bool{"": true, "access_log /var/log/nginx/blog.log;": false, "access_log off;": false} {
		c, err := Parse([]byte(fmt.Sprintf(twoServers, own)))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.SharesAccessLog("shop.example.com", "/var/log/nginx/access.log"); got != shared {
			t.Errorf("the other server has %q: shared %v, want %v", own, got, shared)
		}
	}
}

func TestNamesOfAServer(t *testing.T) {
	c, err := Parse([]byte(fmt.Sprintf(twoServers, "")))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Names("shop.example.com"), []string{"shop.example.com", "www.shop.example.com"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
