package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/policy"
)

// ran is what a verb printed, and how it ended.
type ran struct {
	out, err string
	code     int
}

// verb runs a verb of the command line in the machine.
func (m *shop) verb(args ...string) ran {
	m.tb.Helper()
	return m.command(append([]string{"gatemend"}, args...)...)
}

func (m *shop) command(argv ...string) ran {
	m.tb.Helper()
	c, err := m.Command(m.tb.Context(), argv...)
	if err != nil {
		m.tb.Fatal(err)
	}
	var out, errOut strings.Builder
	c.Stdout, c.Stderr = &out, &errOut
	if err := c.Run(); err != nil && c.ProcessState.ExitCode() <= 0 {
		m.tb.Fatal(err)
	}
	return ran{out.String(), errOut.String(), c.ProcessState.ExitCode()}
}

// ends checks how a verb ended, and that it said so.
func (m *shop) ends(r ran, code int, says ...string) {
	m.tb.Helper()
	if r.code != code {
		m.tb.Errorf("exit code %d, want %d\n%s\n%s", r.code, code, r.out, r.err)
	}
	for _, s := range says {
		if !strings.Contains(r.out+r.err, s) {
			m.tb.Errorf("it does not say %q:\n%s\n%s", s, r.out, r.err)
		}
	}
}

// TestHealByHand: exit codes of heal, without a running agent and with one, and that what it does
// is what plan said.
func TestHealByHand(t *testing.T) {
	m := open(t, setup{idle: true})
	m.ends(m.verb("heal"), 0, "healthy", "nothing to do")

	m.Sh(t, "kill -9 "+mainPID+"; timeout 20 sh -c 'while systemctl is-active -q shop; do sleep 0.1; done'")
	m.ends(m.verb("diagnose"), 4, "the site was never verified healthy", "gunicorn-crashed") // the agent would not dare
	planned := m.verb("plan", "--json")
	m.ends(planned, 3)
	m.ends(m.verb("heal"), 0, "healed", "restart shop.service", "recovered: ") // a person does
	m.answers()
	m.asPlanned(planned.out)

	m.Sh(t, "systemctl restart shop; systemctl stop shop; mv /etc/systemd/system/shop.service /root/; ln -s /dev/null /etc/systemd/system/shop.service; systemctl daemon-reload")
	m.Eventually(t, "the files are still, and plan refuses", 20*time.Second, func() error {
		if r := m.verb("plan"); r.code != 4 {
			return fmt.Errorf("exit code %d: %s", r.code, r.out)
		}
		return nil
	})
	m.ends(m.verb("heal"), 4, "shop.service is masked", "systemctl unmask")
	m.Sh(t, "rm /etc/systemd/system/shop.service; mv /root/shop.service /etc/systemd/system/; systemctl daemon-reload; systemctl start shop")

	m.Sh(t, "systemctl start gatemend")
	m.verified()
	m.ends(m.verb("run"), 1, "written by another process")
	m.Sh(t, "systemctl stop shop") // a person's stop: the agent waits, a person who asks does not
	m.ends(m.verb("heal"), 0, "healed", "start shop.service")
	m.ends(m.verb("heal"), 0, "nothing to do")
	m.answers()
	m.ends(m.verb("status"), 0, "shop/", "idle", "sensors: ")
	m.ends(m.verb("incidents"), 0, "gunicorn-crashed", "recovered", "restart-unit")
	m.Sh(t, `ls "$(gatemend incidents --bundle "$(gatemend incidents | awk 'END { print $1 }')")"/*-act-gunicorn-stopped.json`)
	m.audited()
	m.untouched("files of /etc")
}

// asPlanned compares the last intent with what plan printed before it: each decision is the one
// of its own case, byte for byte, and both are about the same (promise 3).
func (m *shop) asPlanned(text string) {
	m.tb.Helper()
	var plans []struct {
		Fingerprint string          `json:"fingerprint"`
		Case        policy.Case     `json:"case"`
		Decision    policy.Decision `json:"decision"`
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil || len(plans) != 1 {
		m.tb.Fatalf("plan printed no plan: %v: %.300s", err, text)
	}
	p, found := plans[0], 0
	for _, in := range m.intents() {
		found++
		m.sameBytes("the record's decision", in.Decision, policy.Decide(in.Case))
		m.sameBytes("the plan's decision", p.Decision, policy.Decide(p.Case))
		m.sameBytes("what was done", p.Decision.Action, in.Decision.Action)
		if f := policy.Fingerprint(in.Case); f != p.Fingerprint {
			m.tb.Errorf("fingerprint of the record %s, of the plan %s: -plan +record\n%s", f, p.Fingerprint, cmp.Diff(p.Case, in.Case))
		}
	}
	if found != 1 {
		m.tb.Errorf("%d intents in the record, want one", found)
	}
}

// TestWithoutRights: one clear sentence for who is not root, and nothing printed as a result.
func TestWithoutRights(t *testing.T) {
	m := open(t, setup{})
	for _, verb := range [][]string{{"init"}, {"check"}, {"diagnose"}, {"plan"}, {"heal"}, {"approve", "0123456789ab"}, {"run"}, {"status"}, {"incidents"}, {"audit", "verify"}} {
		r := m.command(append([]string{"runuser", "-u", "shop", "--", "gatemend"}, verb...)...)
		m.ends(r, 2, "run it as root: sudo gatemend "+strings.Join(verb, " "))
		if r.out != "" || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%v printed %q and %q, want one line on standard error", verb, r.out, r.err)
		}
	}
	m.ends(m.command("runuser", "-u", "shop", "--", "gatemend", "explain", "socket-missing"), 0)
	m.ends(m.command("runuser", "-u", "shop", "--", "gatemend", "version"), 0)
}

// TestWithoutNginx: a host that has none, or lost it.
func TestWithoutNginx(t *testing.T) {
	m := open(t, setup{idle: true, prepare: "systemctl stop nginx; mv /usr/sbin/nginx /root/nginx; mv /etc/nginx /root/etc-nginx"})
	m.ends(m.verb("init", "--print"), 1, "is nginx installed?")
	m.ends(m.verb("diagnose"), 3, "program not found", "nginx.service is inactive/dead")
	m.ends(m.verb("check"), 0, "note: cannot read nginx's configuration", "is valid")
}
