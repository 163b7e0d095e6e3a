package e2e

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/host"
	"github.com/gatemend/gatemend/remediate/verify"
)

// notebook is a journal that notes whether the unit was still down when it was written.
type notebook struct {
	t      *testing.T
	events []string
	fail   error
}

func (n *notebook) Intent(context.Context, remediate.Intent) (int64, error) {
	n.events = append(n.events, "intent while "+show(n.t, "shop.service", "ActiveState"))
	return 1, n.fail
}

func (n *notebook) Result(_ context.Context, _ int64, r remediate.Report) error {
	n.events = append(n.events, "result while "+show(n.t, "shop.service", "ActiveState"))
	return nil
}

// From a killed master to a proof: the executor with its real preconditions, the real verbs and the verifier.
func TestHostChain(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		bus := dialBus(t)
		shop := serviceOf("shop")
		shop.Target = detect.Unix("/run/shop/shop.sock")
		book := &notebook{t: t}
		e := remediate.Executor{
			Effects: verbsFor(t, host.Config{}, shop), Journal: book,
			Recheck: remediate.Preconditions{Units: bus, Holds: func(context.Context) []policy.Hold { return nil }},
		}
		d := policy.Decision{Do: policy.DoAct, Action: &policy.Action{Verb: policy.RestartUnit, Site: "shop", Route: "/", Cause: detect.GunicornCrashed}}
		c := policy.Case{Facts: detect.Facts{Route: shop}}

		_ = exec.Command("systemctl", "kill", "-s", "KILL", "shop.service").Run()
		eventually(t, "the unit to fail", func() bool { return show(t, "shop.service", "ActiveState") == "failed" })
		c.Facts.Unit = readUnit(t, bus, "shop.service")

		book.fail = errors.New("disk full")
		if _, err := e.Execute(t.Context(), c, d); !errors.Is(err, remediate.ErrNotRecorded) {
			t.Errorf("error %v", err)
		}
		if got := show(t, "shop.service", "ActiveState"); got != "failed" {
			t.Errorf("without an intent the unit became %s", got)
		}
		book.fail, book.events = nil, nil
		began := time.Now()
		rep, err := e.Execute(t.Context(), c, d)
		if err != nil || rep.Outcome != "" || rep.Steps[0].Result.Job != "done" {
			t.Fatalf("%+v, %v", rep, err)
		}
		if want := []string{"intent while failed", "result while active"}; !slices.Equal(book.events, want) {
			t.Errorf("events %q, want %q", book.events, want)
		}
		p := verify.Verifier{Over: time.Second}.Verify(t.Context(), verify.Subject{
			Site:  detect.Site{Name: "shop", Server: "shop.example.com", Probe: detect.ProbeSpec{Path: "/", Timeout: 2_000_000}},
			Route: shop, Doors: []detect.Endpoint{{Target: detect.TCP("127.0.0.1:80")}},
			StartedAt: detect.At(began), Grace: 30 * time.Second,
		})
		if p.Verdict != policy.VerdictRecovered {
			t.Errorf("%q: %s", p.Verdict, p.Why)
		}
		t.Logf("first answer %v after the act began; %s", p.FirstOK.Time().Sub(began), p.Why)

		// What was decided about the dead unit is not done to the living one.
		pid := show(t, "shop.service", "MainPID")
		if _, err := e.Execute(t.Context(), c, d); !errors.Is(err, remediate.ErrChanged) || show(t, "shop.service", "MainPID") != pid {
			t.Errorf("a stale decision was carried out: %v", err)
		}
	})
}
