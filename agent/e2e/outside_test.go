package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
)

// cdn is somebody else's server in front of the shop, which fails while /run/cdn-fails is there.
const cdn = `systemd-run -q --unit=cdn python3 -c '
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(522 if os.path.exists("/run/cdn-fails") else 200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", 8088), H).serve_forever()'
timeout 30 sh -c 'until ss -Hltn "sport = 8088" | grep -q .; do sleep 0.1; done'
`

// TestOutsideView: here all is well, and a stranger gets an error: that is told, and nothing is done.
func TestOutsideView(t *testing.T) {
	for _, suite := range machine.Suites {
		t.Run(string(suite), func(t *testing.T) {
			m := open(t, setup{suite: suite, prepare: cdn, sites: func(site string) string {
				return strings.Replace(site, "public: auto", "public: 'http://shop.example.com:8088/'", 1)
			}})
			m.Sh(t, "touch /run/cdn-fails")
			i := m.in(agent.Degraded, 90*time.Second) // it is asked every tenth time, each 5 s
			m.causeWas(i, detect.NotLocal)
			m.did(i)
			m.tells(i, detect.NotLocal, "http://shop.example.com:8088/", "522")
			m.audited()
			m.untouched()
		})
	}
}
