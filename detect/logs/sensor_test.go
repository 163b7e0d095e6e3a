package logs

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/watch"
)

// live is a sensor that runs on files.
type live struct {
	*Sensor
	t        *testing.T
	dir      string
	triggers chan detect.Trigger
	served   chan string
	reported chan string
	clock    bench // writes lines
}

func run(t *testing.T) *live {
	l := &live{
		t: t, dir: t.TempDir(), triggers: make(chan detect.Trigger, 100), served: make(chan string, 100), reported: make(chan string, 100),
		clock: bench{at: time.Now()},
	}
	one, two := shop(), blog()
	one.ErrorLog, two.ErrorLog = l.path("error.log"), l.path("error.log")
	one.AccessLog, two.AccessLog = l.path("shop.log"), "off"
	one.AppLogs = []string{l.path("gunicorn.log")}
	w := watch.New()
	l.Sensor = New(Config{
		Sites: []Site{one, two}, Watcher: w,
		Ours:   func(string) bool { return false },
		Served: func(site, route string, _ detect.Time) { l.served <- site + route },
		Report: func(text string) { l.reported <- text },
	})
	l.gap = 0 // every line triggers: what is limited is tested with a clock of its own
	for _, name := range []string{"error.log", "shop.log", "gunicorn.log"} {
		l.write(name, "")
	}
	ctx, cancel := context.WithCancel(context.Background())
	watching, running := make(chan error, 1), make(chan error, 1)
	go func() { watching <- w.Run(ctx) }()
	go func() { running <- l.Run(ctx, l.triggers) }()
	t.Cleanup(func() {
		cancel()
		for _, done := range []chan error{running, watching} {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
	l.ready()
	return l
}

func (l *live) path(name string) string { return filepath.Join(l.dir, name) }

func (l *live) write(name, text string) {
	l.t.Helper()
	f, err := os.OpenFile(l.path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err != nil || f.Close() != nil {
		l.t.Fatal(err)
	}
}

// ready waits until each log is followed, and every trigger of that is out of the way.
func (l *live) ready() {
	l.t.Helper()
	l.clock.at = time.Now()
	for _, log := range [][3]string{
		{"error.log", detect.SensorErrorLog, l.clock.failed("shop.example.com", shopSock, "")},
		{"shop.log", detect.SensorAccessLog, l.clock.got(502, "/", browser, "")},
		{"gunicorn.log", detect.SensorAppLog, "[2026-11-22 11:19:59 +0000] [7150] [CRITICAL] WORKER TIMEOUT (pid:7151)"},
	} {
		for n := 0; !l.heard(log[1]); n++ {
			if n == 500 {
				l.t.Fatalf("%s is not followed", log[0])
			}
			l.write(log[0], log[2]+"\n")
		}
	}
	l.drain("error.log", l.clock.says("upstream sent too big header while reading response header from upstream", "shop.example.com"), "too big header")
	l.drain("shop.log", l.clock.got(504, "/", browser, ""), "status 504")
	l.drain("gunicorn.log", "ImportError: the end", "the end")
}

// heard tells whether a trigger of that sensor came within a moment.
func (l *live) heard(sensor string) bool {
	select {
	case t := <-l.triggers:
		return t.Sensor == sensor
	case <-time.After(20 * time.Millisecond):
		return false
	}
}

// drain takes triggers up to that of a line, which is written now.
func (l *live) drain(name, line, why string) {
	l.t.Helper()
	l.write(name, line+"\n")
	for !strings.Contains(l.trigger(name).Why, why) {
	}
}

func (l *live) trigger(what string) detect.Trigger {
	l.t.Helper()
	select {
	case got := <-l.triggers:
		return got
	case <-time.After(10 * time.Second):
		l.t.Fatalf("%s: no trigger", what)
	}
	return detect.Trigger{}
}

func TestSensorFollowsFiles(t *testing.T) {
	l := run(t)
	l.clock.at = time.Now()
	l.write("error.log", l.clock.failed("blog.example.com", "127.0.0.1:8000", "")+"\n")
	if got := l.trigger("error line"); got.Site != "blog" || got.Sensor != detect.SensorErrorLog || !strings.Contains(got.Why, "connect() to 127.0.0.1:8000 failed") || got.Lost {
		t.Errorf("trigger %+v", got)
	}
	l.write("shop.log", l.clock.got(200, "/cart", browser, "")+"\n")
	select {
	case got := <-l.served:
		if got != "shop/" {
			t.Errorf("served %q", got)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no request was seen")
	}
	if f := l.Traffic("shop"); !f.Known || f.Answered != 1 {
		t.Errorf("traffic %+v", f)
	}
	if f := l.Traffic("blog"); f.Known || f.Shared {
		t.Errorf("traffic %+v without an access log", f)
	}
}

func TestSensorFollowsRotationAndTellsLoss(t *testing.T) {
	l := run(t)
	if err := os.Rename(l.path("error.log"), l.path("error.log.1")); err != nil {
		t.Fatal(err)
	}
	l.clock.at = time.Now()
	l.write("error.log.1", l.clock.failed("blog.example.com", "127.0.0.1:8000", "")+"\n")
	l.trigger("a line in the rotated file, before USR1")
	l.write("error.log", l.clock.failed("blog.example.com", "127.0.0.1:8000", "")+"\n")
	l.trigger("a line in the new file")
	if err := os.Truncate(l.path("error.log"), 0); err != nil {
		t.Fatal(err)
	}
	got := []detect.Trigger{l.trigger("truncated"), l.trigger("truncated, the other site")}
	for _, g := range got {
		if !g.Lost {
			t.Errorf("trigger %+v, want a loss", g)
		}
	}
	if text := <-l.reported; !strings.Contains(text, "truncated") {
		t.Errorf("reported %q", text)
	}
}

// TestRunEndsWhenNobodyTakesTriggers: the loop may be gone before its sensors.
func TestRunEndsWhenNobodyTakesTriggers(t *testing.T) {
	dir := t.TempDir()
	site := shop()
	site.ErrorLog, site.AccessLog = filepath.Join(dir, "error.log"), "off"
	w := watch.New()
	s := New(Config{Sites: []Site{site}, Watcher: w})
	ctx, cancel := context.WithCancel(context.Background())
	watching, running := make(chan error, 1), make(chan error, 1)
	go func() { watching <- w.Run(ctx) }()
	go func() { running <- s.Run(ctx, make(chan detect.Trigger)) }()
	b := bench{at: time.Now()}
	for len(s.Lines("shop", 0)) == 0 {
		if err := os.WriteFile(site.ErrorLog, []byte(b.failed("shop.example.com", shopSock, "")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		<-time.After(20 * time.Millisecond)
		if err := os.Remove(site.ErrorLog); err != nil {
			t.Fatal(err)
		}
		<-time.After(20 * time.Millisecond)
	}
	cancel()
	for _, done := range []chan error{running, watching} {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("still running")
		}
	}
}
