package collect

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/journal"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/nginxconf"
	"github.com/gatemend/gatemend/detect/proc"
)

// serve answers every request on a TCP port with a status line and a body; "" never answers.
func serve(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				if answer == "" {
					_, _ = io.Copy(io.Discard, c) // until the client gives up
					return
				}
				if _, err := bufio.NewReader(c).ReadString('\n'); err == nil {
					_, _ = io.WriteString(c, answer)
				}
			})
		}
	})
	t.Cleanup(func() { _ = l.Close(); running.Wait() })
	return l.Addr().String()
}

func page(status, body string) string {
	return "HTTP/1.1 " + status + "\r\nConnection: close\r\nServer: gunicorn\r\n\r\n" + body
}

// machineLook is what root sees, made up but for the processes, which are real.
type machineLook struct {
	disk      *disk
	processes []detect.Process
	tests     int
	worker    detect.Outcome
}

func (m *machineLook) ConnectAsWorker(context.Context, string, string) (net.Conn, detect.Connect, error) {
	return nil, detect.Connect{Outcome: m.worker}, nil
}
func (m *machineLook) NginxTest(context.Context) (detect.ConfTest, error) {
	m.tests++
	return detect.ConfTest{OK: true}, nil
}
func (m *machineLook) NginxConf(ctx context.Context) (*nginxconf.Conf, error) {
	return m.disk.dump(ctx)
}
func (m *machineLook) Listeners(context.Context, string, string) ([]detect.Listener, error) {
	return nil, look.ErrNotRoot
}
func (m *machineLook) Path(context.Context, string, string) (*detect.SocketPath, error) {
	return socketPath(0o770, 0o750), nil
}
func (m *machineLook) Fingerprints(context.Context, string) (map[string]string, error) {
	return map[string]string{"/etc/u": "1 2 c"}, nil
}
func (m *machineLook) Foreign(context.Context) ([]detect.Listener, error) { return nil, nil }
func (m *machineLook) Unit(context.Context, string, string, look.Of) (*detect.Unit, error) {
	return nil, look.ErrNotRoot
}
func (m *machineLook) Touched(context.Context, string, string) (detect.Quiet, error) {
	return detect.Quiet{}, nil
}
func (m *machineLook) Named(context.Context, string, string) ([]detect.Named, error) { return nil, nil }
func (m *machineLook) Host(context.Context, string, string) (*detect.Host, error) {
	return nil, look.ErrNotRoot
}
func (m *machineLook) Processes(context.Context, string, string) ([]detect.Process, error) {
	return m.processes, nil
}

type units map[string]*detect.Unit

func (u units) Unit(_ context.Context, name string) (*detect.Unit, error) {
	if u[name] == nil {
		return nil, errors.New("no such unit")
	}
	return u[name], nil
}

// world is a site whose upstream and nginx are real servers of this test.
func world(t *testing.T, upstream, nginx string) (*Collector, *machineLook, detect.Site, detect.Route) {
	t.Helper()
	d := newDisk(t, upstream)
	text := "events {}\nhttp { server { listen " + nginx + "; server_name shop; location / { proxy_pass http://" + upstream + "; } } }\n"
	if err := os.WriteFile(d.path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	self, err := proc.Read(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	m := &machineLook{disk: d, processes: []detect.Process{self}, worker: detect.Connected}
	c := New(Config{
		Look: m, Units: units{
			"shop.service":  {Name: "shop.service", Active: "failed", Sub: "failed", Result: "signal"},
			"nginx.service": {Name: "nginx.service", Active: "active"},
		},
		Traffic: func(string) *detect.Traffic { return &detect.Traffic{Known: true} },
	})
	c.journal, c.kernel = noJournal, func(context.Context, detect.Time, int) ([]entry, error) { return nil, nil }
	route := detect.Route{Path: "/", Target: detect.TCP(upstream), Unit: "shop.service"}
	return c, m, detect.Site{Name: "shop", Server: "shop", Routes: []detect.Route{route}, Probe: detect.ProbeSpec{Path: "/", Timeout: 5_000_000}}, route
}

func TestCollectAsksAtBothDepths(t *testing.T) {
	app := serve(t, page("200 OK", "hello"))
	c, _, where, route := world(t, app, serve(t, page("200 OK", "hello")))
	f := c.Collect(t.Context(), where, route, Options{})
	if !f.Upstream.Healthy() || !f.Public.HealthyPublic() || f.Public.Proof != "upstream" {
		t.Errorf("upstream %+v\npublic %+v", f.Upstream, f.Public)
	}
	if f.Unit == nil || f.Worker == nil || f.Path != nil || f.Files == nil || f.Quiet == nil || f.Traffic == nil || f.Nginx.Disk == nil || f.At == 0 || f.Booted == 0 {
		t.Errorf("facts are missing: %+v", f)
	}
	lacking := map[string]bool{}
	for _, l := range f.Lacking {
		lacking[l.Fact] = true
	}
	if !lacking["listeners"] || !lacking["host"] || lacking["unit"] || lacking["nginx"] {
		t.Errorf("lacking: %v", f.Lacking)
	}
}

func TestAPublicAnswerNeedsProof(t *testing.T) {
	c, _, where, route := world(t, serve(t, page("404 Not Found", "")), serve(t, page("200 OK", "stale")))
	_, public := c.Confirm(t.Context(), where, route)
	if !public.Healthy() || public.HealthyPublic() {
		t.Errorf("nothing proves %+v", public)
	}
	c.Config.Baseline = func(detect.Site, detect.Route) *detect.Baseline { return &detect.Baseline{Status: 200} }
	if _, public = c.Confirm(t.Context(), where, route); public.Proof != "baseline" {
		t.Errorf("the baseline's status proves %+v", public)
	}
	where.Probe.Public = "off"
	if _, public = c.Confirm(t.Context(), where, route); public != nil {
		t.Errorf("switched off, asked all the same: %+v", public)
	}
}

func TestOnlyADeepLookTestsNginx(t *testing.T) {
	c, m, where, route := world(t, serve(t, page("200 OK", "")), serve(t, page("200 OK", "")))
	for _, deep := range []bool{false, true} {
		f := c.Collect(t.Context(), where, route, Options{Deep: deep})
		if f.Nginx.Master == nil { // as it is on a host without nginx: never then
			if m.tests != 0 {
				t.Errorf("deep %v: nginx is down, and nginx -t was run", deep)
			}
		} else if deep != (m.tests == 1) {
			t.Errorf("deep %v: nginx -t was run %d times", deep, m.tests)
		}
	}
}

// While nginx is down its test is not run; reading its configuration tells all the same that it refuses it.
func TestWhatNginxRefusesIsKnown(t *testing.T) {
	c, m, where, route := world(t, serve(t, page("200 OK", "")), serve(t, page("200 OK", "")))
	m.disk.err = errors.New("cannot read nginx's configuration: unknown directive")
	if f := c.Collect(t.Context(), where, route, Options{}); f.Nginx.Test != nil {
		t.Errorf("nginx did not answer, and its test is %+v", f.Nginx.Test)
	}
	m.disk.refused = &detect.ConfTest{File: m.disk.path, Line: 1, Message: "unknown directive"}
	if f := c.Collect(t.Context(), where, route, Options{}); f.Nginx.Test == nil || f.Nginx.Test.Line != 1 {
		t.Errorf("test %+v", f.Nginx.Test)
	}
	m.disk.err = nil
	if f := c.Collect(t.Context(), where, route, Options{}); f.Nginx.Test != nil {
		t.Errorf("mended, and its test is %+v", f.Nginx.Test)
	}
}

func TestASilentServersProcessesAreLookedAtTwice(t *testing.T) {
	c, _, where, route := world(t, serve(t, ""), serve(t, ""))
	c.Units.(units)["shop.service"].Active = "active"
	where.Probe.Timeout = detect.For(patience + between + 500*time.Millisecond)
	f := c.Collect(t.Context(), where, route, Options{Deep: true})
	if f.Upstream.Outcome != detect.TimedOut || len(f.Processes) != 1 || f.Processes[0].Looked == 0 {
		t.Errorf("upstream %+v, processes %+v", f.Upstream, f.Processes)
	}
}

// What is left of a killed master takes connections and answers none, for as long as its slowest
// request: a unit that is down is not waited for.
func TestAServerThatIsDownIsNotWaitedForLong(t *testing.T) {
	c, _, where, route := world(t, serve(t, ""), serve(t, ""))
	where.Probe.Timeout = detect.For(20 * time.Second)
	began := time.Now()
	f := c.Collect(t.Context(), where, route, Options{})
	if took := time.Since(began); took > 5*time.Second || f.Upstream.Outcome != detect.TimedOut {
		t.Errorf("took %s, upstream %+v", took, f.Upstream)
	}
}

func TestAFrozenServerIsNotWaitedForLong(t *testing.T) {
	c, m, where, route := world(t, serve(t, ""), serve(t, page("504 Gateway Time-out", "")))
	m.processes[0].State = "T"
	where.Probe.Timeout = detect.For(20 * time.Second)
	began := time.Now()
	f := c.Collect(t.Context(), where, route, Options{})
	if f.Upstream.Outcome != detect.TimedOut || time.Since(began) > 10*time.Second {
		t.Errorf("upstream %+v after %v", f.Upstream, time.Since(began))
	}
}

func TestCollectWithoutAnybodyToAsk(t *testing.T) {
	c := New(Config{Build: nginxconf.Build{Conf: "/none/nginx.conf"}})
	c.journal = noJournal
	route := detect.Route{Path: "/", Unit: "shop.service", Target: detect.Unix("/none")}
	f := c.Collect(t.Context(), detect.Site{Name: "shop", Server: "shop"}, route, Options{Deep: true})
	if f.Upstream.Healthy() || f.Public.Known() || f.Unit != nil || len(f.Lacking) < 5 {
		t.Errorf("facts %+v", f)
	}
}

type entry = journal.Entry

func noJournal(context.Context, string, detect.Time, int) ([]entry, error) { return nil, nil }
