package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/unit"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/host"
)

// memory is a journal for tests of single verbs.
type memory struct{}

func (memory) Intent(context.Context, remediate.Intent) (int64, error) { return 1, nil }
func (memory) Result(context.Context, int64, remediate.Report) error   { return nil }

// verbs are the real verbs, with one site for each unit: the site is called as the unit is.
type verbs struct{ *host.Host }

func verbsFor(t *testing.T, c host.Config, routes ...detect.Route) verbs {
	t.Helper()
	var sites []detect.Site
	for _, r := range routes {
		r.Path, r.Manage = "/", detect.ManageAct
		name := strings.TrimSuffix(r.Unit, ".service")
		sites = append(sites, detect.Site{Name: name, Routes: []detect.Route{r}})
	}
	c.Sites = func() []detect.Site { return sites }
	bus, err := unit.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { bus.Close() })
	c.Units = bus
	h, err := host.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return verbs{h}
}

func serviceOf(name string) detect.Route { return detect.Route{Unit: name + ".service"} }

// do asks for one effect by its text form, as the helper will be.
func (v verbs) do(t *testing.T, request string) (remediate.Result, error) {
	t.Helper()
	r, err := remediate.ParseRequest(request)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := remediate.Record(t.Context(), memory{}, remediate.Intent{Action: policy.Action{}, Steps: []remediate.Request{r}})
	if err != nil {
		t.Fatal(err)
	}
	return v.Do(t.Context(), rec[0])
}

// must asks for an effect that has to succeed.
func (v verbs) must(t *testing.T, request string) remediate.Result {
	t.Helper()
	res, err := v.do(t, request)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// refuses asks for an effect that must not succeed, for the reason given.
func (v verbs) refuses(t *testing.T, request, why string) error {
	t.Helper()
	res, err := v.do(t, request)
	if err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("%s: result %+v, error %v; want %q", request, res, err, why)
	}
	return err
}

// service writes and loads a unit.
func service(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join("/run/systemd/system", name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	sh(t, "systemctl daemon-reload")
}

func show(t *testing.T, unit, property string) string {
	t.Helper()
	return shOut(t, "systemctl show -P "+property+" "+unit)
}

// stubborn is not ended by a stop, and leaves a child when its main process is killed: SIGCONT is a
// signal that ends nobody.
const stubborn = `[Service]
ExecStart=/bin/sh -c 'sleep infinity & sleep infinity'
KillSignal=SIGCONT
TimeoutStopSec=60
`

func TestHostUnits(t *testing.T) {
	onMachine(t, machine.Options{}, func(t *testing.T) {
		v := verbsFor(t, host.Config{}, serviceOf("web"), serviceOf("broken"), serviceOf("gone"), serviceOf("hidden"), serviceOf("slow"), serviceOf("again"))
		service(t, "web.service", stubborn)

		t.Run("start and restart", func(t *testing.T) {
			res := v.must(t, "start web / unit")
			if res.Job != "done" || res.Before != "inactive/dead" || !strings.HasPrefix(res.After, "active/running, main process ") {
				t.Errorf("result %+v", res)
			}
		})
		t.Run("what is left is ended at once, where a stop would wait a minute", func(t *testing.T) {
			sh(t, "kill -9 $(systemctl show -P MainPID web.service)")
			eventually(t, "the unit to wait for its leftovers", func() bool { return show(t, "web.service", "ActiveState") == "deactivating" })
			began := time.Now()
			v.must(t, "end-leftovers web / unit")
			res := v.must(t, "restart web / unit")
			if took := time.Since(began); took > 5*time.Second || res.Job != "done" {
				t.Errorf("%v, %+v", took, res)
			}
		})
		t.Run("a stopped process is ended too", func(t *testing.T) {
			sh(t, "systemctl kill -s STOP web.service")
			v.must(t, "end-leftovers web / unit")
			v.must(t, "restart web / unit")
			if got := show(t, "web.service", "SubState"); got != "running" {
				t.Errorf("the unit is %s", got)
			}
		})
		t.Run("a person's stop is not overridden", func(t *testing.T) {
			sh(t, "systemctl stop --no-block web.service")
			eventually(t, "the stop job", func() bool { return show(t, "web.service", "Job") != "" })
			job := show(t, "web.service", "Job")
			v.refuses(t, "restart web / unit", "stop job")
			v.refuses(t, "start web / unit", "stop job")
			v.refuses(t, "end-leftovers web / unit", "stop job")
			if now := show(t, "web.service", "Job"); now != job {
				t.Errorf("job %q became %q", job, now)
			}
			sh(t, "systemctl kill -s KILL web.service")
		})
		t.Run("a start that fails", func(t *testing.T) {
			service(t, "broken.service", "[Service]\nType=oneshot\nExecStart=/bin/false\n")
			err := v.refuses(t, "start broken / unit", `"failed"`)
			if errors.Is(err, remediate.ErrUnseen) {
				t.Error("a seen failure counts as unseen")
			}
			v.must(t, "reset-failed broken / unit")
			if got := show(t, "broken.service", "ActiveState"); got != "inactive" {
				t.Errorf("the unit is %s", got)
			}
		})
		t.Run("what is not there or masked", func(t *testing.T) {
			v.refuses(t, "start gone / unit", "no such unit")
			sh(t, "systemctl mask --runtime hidden.service")
			v.refuses(t, "start hidden / unit", "masked")
		})
		t.Run("a unit edited without daemon-reload", func(t *testing.T) {
			sh(t, "echo '# edited' >> /run/systemd/system/web.service")
			eventually(t, "systemd to notice", func() bool { return show(t, "web.service", "NeedDaemonReload") == "yes" })
			v.must(t, "daemon-reload web / unit")
			if got := show(t, "web.service", "NeedDaemonReload"); got != "no" {
				t.Errorf("NeedDaemonReload is %s", got)
			}
		})
		t.Run("a unit that is starting is left alone", func(t *testing.T) {
			service(t, "slow.service", "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sleep 3\n")
			sh(t, "systemctl start --no-block slow.service")
			eventually(t, "it to start", func() bool { return show(t, "slow.service", "ActiveState") == "activating" })
			pid := show(t, "slow.service", "MainPID")
			res := v.must(t, "restart slow / unit")
			if res.Job != "" || !strings.Contains(res.After, "left alone") || show(t, "slow.service", "MainPID") != pid {
				t.Errorf("result %+v", res)
			}
			v.refuses(t, "end-leftovers slow / unit", "being started")
		})
		t.Run("systemd's own restart is not in the way of ours", func(t *testing.T) {
			service(t, "again.service", stubborn+"Restart=always\nRestartSec=100ms\n")
			v.must(t, "start again / unit")
			v.must(t, "end-leftovers again / unit")
			v.must(t, "restart again / unit")
			eventually(t, "it to run", func() bool { return show(t, "again.service", "SubState") == "running" })
		})
	})
}

// The bus goes away while a job runs: nobody sees how it ends, and that is what is said, at once.
func TestHostLosesTheBus(t *testing.T) {
	onMachine(t, machine.Options{}, func(t *testing.T) {
		service(t, "slow.service", "[Service]\nType=oneshot\nExecStart=/bin/sleep 30\n")
		v := verbsFor(t, host.Config{}, serviceOf("slow"))
		lost := make(chan error, 1)
		began := time.Now()
		go func() {
			_, err := v.do(t, "start slow / unit")
			lost <- err
		}()
		eventually(t, "the job", func() bool { return show(t, "slow.service", "ActiveState") == "activating" })
		sh(t, "systemctl kill -s KILL dbus.service")
		if err := <-lost; !errors.Is(err, remediate.ErrUnseen) || time.Since(began) > 10*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}
