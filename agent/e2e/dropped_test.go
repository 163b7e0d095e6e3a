package e2e

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
)

// aDefault is a server that answers 200 to whoever asks for a site that nginx does not know.
const aDefault = "mkdir -p /srv/www; echo welcome >/srv/www/index.html\n" +
	"printf 'server { listen 80 default_server; root /srv/www; }\\n' >/etc/nginx/conf.d/default.conf\n" + reloaded

// TestNginxDropsTheSite: a reload without the site's server block is an outage, whether nobody answers in its
// place or a default server does. A person brings the block back. Between that and their reload it is rightly
// called stale: what the incident ends as is not looked at.
func TestNginxDropsTheSite(t *testing.T) {
	for name, prepare := range map[string]string{"nobody answers": "", "a default server answers": aDefault} {
		t.Run(name, func(t *testing.T) {
			m := open(t, setup{prepare: prepare})
			m.Sh(t, "rm /etc/nginx/sites-enabled/shop\n"+reloaded+asked)
			i := m.escalated(90*time.Second, detect.NginxAnswered) // without a line of nginx the next public probe tells
			m.tells(i, detect.NginxAnswered, "no server block for shop.example.com")
			m.Sh(t, "ln -s ../sites-available/shop /etc/nginx/sites-enabled/shop; systemctl reload nginx")
			m.did(m.in(agent.Recovered, 60*time.Second))
			m.answers()
			m.audited()
			m.untouched("files of /etc")
		})
	}
}
