package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/policy"
)

const configFile = "/etc/gatemend/gatemend.yaml"

// written is a script that edits the configuration by a sed script.
func written(sed string) string { return "sed -i '" + sed + "' " + configFile }

// reload runs a script that changes the configuration, and has systemd reload the agent; it gives what
// the record says of it.
func (m *shop) reload(script string) agent.Reloaded {
	m.tb.Helper()
	before, pid := len(m.reloads()), m.Sh(m.tb, "systemctl show -P MainPID gatemend")
	m.Sh(m.tb, script+"\nsystemctl reload gatemend")
	m.Eventually(m.tb, "the record tells of the reload", 30*time.Second, func() error {
		if n := len(m.reloads()); n != before+1 {
			return fmt.Errorf("it tells of %d", n)
		}
		return nil
	})
	m.Eventually(m.tb, "systemd knows that the reload is done", 10*time.Second, func() error {
		if s := strings.TrimSpace(m.Sh(m.tb, "systemctl show -P ActiveState gatemend")); s != "active" {
			return fmt.Errorf("gatemend is %s", s)
		}
		return nil
	})
	if now := m.Sh(m.tb, "systemctl show -P MainPID gatemend"); now != pid {
		m.tb.Errorf("another process: %s, was %s", now, pid)
	}
	l := m.reloads()
	return l[len(l)-1]
}

func (m *shop) reloads() (l []agent.Reloaded) {
	m.tb.Helper()
	for _, r := range m.records() {
		if string(r.Kind) != agent.RecordReload {
			continue
		}
		var one agent.Reloaded
		if err := json.Unmarshal(r.Data, &one); err != nil {
			m.tb.Fatal(err)
		}
		l = append(l, one)
	}
	return l
}

// TestReloadWithAnOpenIncident: the agent is armed while an incident is open: it is healed under its name,
// and the record says what was changed.
func TestReloadWithAnOpenIncident(t *testing.T) {
	m := open(t, setup{dry: true})
	m.Sh(t, "kill -9 "+mainPID)
	was := m.in(agent.Escalated, healsWithin)
	r := m.reload(written("s/^mode: dry-run/mode: act/"))
	if !slices.Equal(r.Changes, []string{"mode: dry-run → act"}) || r.Before == r.After || len(r.Refused) > 0 {
		t.Errorf("the record says %+v", r)
	}
	i := m.in(agent.Recovered, healsWithin)
	if i.ID != was.ID {
		t.Errorf("healed as %s, was %s", i.ID, was.ID)
	}
	m.answers()
	m.audited()
	if s, err := m.status(); err != nil || s.Mode != policy.ModeAct {
		t.Errorf("mode %q, %v", s.Mode, err)
	}
	m.untouched()
}

// TestReloadOfAWrongConfiguration: it is refused with every problem, in the journal, in status and once as a
// message; the old one stays in force; a right one ends it.
func TestReloadOfAWrongConfiguration(t *testing.T) {
	m := open(t, setup{})
	for range 2 {
		r := m.reload(written("s/^mode: .*/mode: maybe/; s/unit: shop.service/unit: ssh.service/"))
		if len(r.Refused) != 2 || !strings.Contains(r.Refused[0], configFile+":1: ") {
			t.Errorf("the record says %+v", r)
		}
	}
	m.ends(m.verb("status"), 0, "was refused", "mode", "ssh.service")
	m.ends(m.command("journalctl", "-u", "gatemend", "-o", "cat"), 0, "the new configuration is wrong, the old one is kept", configFile+":1: ")
	m.Eventually(t, "a person was told, once", 10*time.Second, func() error {
		all, err := m.messages()
		if err == nil && (len(all) != 1 || all[0].State != agent.ToldConfig || !strings.Contains(all[0].Text, configFile+":1: ")) {
			err = fmt.Errorf("told %s", texts(all))
		}
		return err
	})
	m.Sh(t, "kill -9 "+mainPID)
	m.restarted(healsWithin)
	r := m.reload(written("s/^mode: .*/mode: act/; s/unit: ssh.service/unit: nosuch.service/"))
	if len(r.Refused) != 1 || !strings.Contains(r.Refused[0], "nosuch.service does not exist on this machine") {
		t.Errorf("the record says %+v", r)
	}
	if r := m.reload(written("s/unit: nosuch.service/unit: shop.service/")); len(r.Refused) > 0 {
		t.Errorf("refused: %q", r.Refused)
	}
	if out := m.verb("status").out; strings.Contains(out, "refused") {
		t.Errorf("status still says %s", out)
	}
	m.untouched()
}

// blog is a second site beside the shop, as one is set up by hand.
const blog = `sed 's|RuntimeDirectory=shop|RuntimeDirectory=blog|; s|/run/shop/shop.sock|/run/blog/blog.sock|' /etc/systemd/system/shop.service >/etc/systemd/system/blog.service
sed '/listen .::.:80/d; s|shop.example.com|blog.example.com|; s|/run/shop/shop.sock|/run/blog/blog.sock|' /etc/nginx/sites-available/shop >/etc/nginx/sites-enabled/blog
systemctl daemon-reload; systemctl start blog; nginx -t -q; systemctl reload nginx`

const blogSite = "cat >>" + configFile + ` <<'EOT'
  blog:
    server: blog.example.com
    routes: [{path: /, target: "unix:/run/blog/blog.sock", unit: blog.service, manage: act}]
    probe: {every: 5s}
EOT`

// TestReloadOfASite: a site that is added while the agent runs is proven, and healed; one that was taken out is
// left alone, and nothing of the agent goes on about it.
func TestReloadOfASite(t *testing.T) {
	m := open(t, setup{prepare: blog})
	m.looked()
	before, err := m.status()
	if err != nil {
		t.Fatal(err)
	}
	if r := m.reload(blogSite); !slices.Equal(r.Changes, []string{"site blog: added"}) {
		t.Errorf("the record says %+v", r)
	}
	m.verified()
	m.Sh(t, "kill -9 $(systemctl show -P MainPID blog)")
	i := m.in(agent.Recovered, healsWithin)
	if i.Site != "blog" || len(i.Actions) != 1 {
		t.Errorf("%s was healed by %+v", i.Site, i.Actions)
	}
	if r := m.reload(written(`/^  blog:/,$d`)); !slices.Equal(r.Changes, []string{"site blog: removed"}) {
		t.Errorf("the record says %+v", r)
	}
	m.Sh(t, "systemctl kill -s KILL blog")
	m.looked()
	if l, _ := m.incidents(); len(l) != 1 {
		t.Errorf("an incident of a site that was taken out: %+v", l[len(l)-1])
	}
	m.Sh(t, "kill -9 "+mainPID)
	m.restarted(healsWithin)
	if out := strings.TrimSpace(m.Sh(t, "systemctl is-active blog || true")); out == "active" {
		t.Error("the blog was started by an agent that has nothing to do with it")
	}
	m.Eventually(t, "as many goroutines run as before the blog came", 30*time.Second, func() error {
		s, err := m.status()
		if err == nil && s.Running > before.Running {
			err = fmt.Errorf("%d run, there were %d", s.Running, before.Running)
		}
		return err
	})
	m.untouched()
}

// TestReloadWhileActing: an action that has begun ends as it began, once.
func TestReloadWhileActing(t *testing.T) {
	m := open(t, setup{unit: slowly, config: patient})
	m.Sh(t, "kill -9 "+mainPID+"\n"+begun)
	r := m.reload(written("s/^mode: act/mode: dry-run/; s/restarts_per_site_day: 6/restarts_per_site_day: 1/"))
	if len(r.Changes) != 2 {
		t.Errorf("the record says %+v", r)
	}
	m.restarted(30 * time.Second)
	if n, l := len(m.intents()), m.judged(); n != 1 || len(l) != 1 || l[0].Outcome != policy.Recovered {
		t.Errorf("%d intents, judged %+v", n, l)
	}
	m.Sh(t, "kill -9 "+mainPID)
	i := m.in(agent.Escalated, healsWithin)
	if len(i.Actions) == 0 || !i.Actions[0].Would {
		t.Errorf("in a dry run: %+v", i.Actions)
	}
	m.untouched()
}
