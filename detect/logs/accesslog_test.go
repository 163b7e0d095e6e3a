package logs

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const browser, own = "Mozilla/5.0", "gatemend/1.0"

func TestAccessLines(t *testing.T) {
	for name, tt := range map[string]struct {
		status            int
		path, agent, more string
		triggers, served  string
		nginx, app, ok    int // counted
	}{
		"nginx's 502, said":           {502, "/", browser, " uht=-", "shop", "", 1, 0, 0},
		"504 of either":               {504, "/", browser, "", "shop", "", 0, 1, 0}, // no error line: the app's
		"the app's 503":               {503, "/", browser, " uht=0.1", "", "", 0, 1, 0},
		"the app's 500":               {500, "/", browser, "", "", "", 0, 1, 0},
		"499":                         {499, "/", browser, "", "", "", 0, 0, 0},
		"404 of a bot":                {404, "/wp-login.php", browser, "", "", "", 0, 0, 1},
		"404 of the app, said":        {404, "/x", browser, " uht=0.1", "", "shop/", 0, 0, 1},
		"200":                         {200, "/cart", browser, "", "", "shop/", 0, 0, 1},
		"200 of the other route":      {200, "/api/x", browser, "", "", "shop/api", 0, 0, 1},
		"200 of what may be a file":   {200, "/static/x.css", browser, "", "", "", 0, 0, 1},
		"200 of nginx itself, said":   {200, "/cart", browser, " uht=-", "", "", 0, 0, 0},
		"a redirect, perhaps nginx's": {301, "/", browser, "", "", "", 0, 0, 1},
		"009":                         {9, "/", browser, "", "", "", 0, 0, 0},
		"our probe":                   {502, "/", own, "", "", "", 0, 0, 0},
		"our probe, answered":         {200, "/", own, "", "", "", 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := shop()
			s.Routes = append(s.Routes, s.Routes[0])
			s.Routes[1].Path = "/api"
			b := newBench(t, s)
			b.read(accessLog, s.AccessLog, b.got(tt.status, tt.path, tt.agent, tt.more))
			if got := b.triggered(); got != tt.triggers {
				t.Errorf("triggered %q, want %q", got, tt.triggers)
			}
			if got := strings.Join(b.served, " "); got != tt.served {
				t.Errorf("served %q, want %q", got, tt.served)
			}
			f := b.Traffic("shop")
			if !f.Known || f.Nginx5xx != tt.nginx || f.App5xx != tt.app || f.Answered != tt.ok {
				t.Errorf("traffic %+v", f)
			}
			if requests := f.Requests; (requests == 0) != (tt.agent == own) {
				t.Errorf("%d requests", requests)
			}
		})
	}
}

// TestWhoMadeA502: the combined format does not tell, the error log's lines do.
func TestWhoMadeA502(t *testing.T) {
	b := newBench(t, shop())
	for range 3 {
		b.read(accessLog, shop().AccessLog, b.got(502, "/", browser, ""))
	}
	for range 2 {
		b.errorLines(b.failed("shop.example.com", shopSock, ""))
	}
	if f := b.Traffic("shop"); f.Nginx5xx != 2 || f.App5xx != 1 {
		t.Errorf("traffic %+v", f)
	}
}

// TestLocalhostFallbackIsNoError: every request writes a line for [::1] and is answered all the same.
func TestLocalhostFallbackIsNoError(t *testing.T) {
	b := newBench(t, blog())
	for range 20 {
		b.errorLines(b.failed("blog.example.com", "[::1]:8000", ""))
		b.read(accessLog, blog().AccessLog, b.got(200, "/", browser, ""))
	}
	f := b.Traffic("blog")
	if f.Nginx5xx != 0 || f.Answered != 20 || b.triggered() != "" {
		t.Errorf("traffic %+v", f)
	}
	b.errorLines(b.failed("blog.example.com", "127.0.0.1:8000", ""))
	b.read(accessLog, blog().AccessLog, b.got(502, "/", browser, ""))
	if f := b.Traffic("blog"); f.Nginx5xx != 1 || b.triggered() == "" {
		t.Errorf("the app is down: traffic %+v", f)
	}
}

// TestLimitsAreNoOutage: 503 by limit_req are neither nginx's failure nor the app's.
func TestLimitsAreNoOutage(t *testing.T) {
	b := newBench(t, shop())
	for range 50 {
		b.errorLines(b.says(`limiting requests, excess: 5.1 by zone "one"`, "shop.example.com"))
		b.read(accessLog, shop().AccessLog, b.got(503, "/", browser, ""))
	}
	if f := b.Traffic("shop"); f.Nginx5xx != 0 || f.App5xx != 0 || f.Requests != 50 {
		t.Errorf("traffic %+v", f)
	}
	if got := b.triggered(); got != "" {
		t.Errorf("triggered %q", got)
	}
}

func TestSharedAccessLogCountsForNobody(t *testing.T) {
	one, two := shop(), blog()
	two.AccessLog = one.AccessLog
	alone := shop()
	alone.AccessShared = true
	for name, sites := range map[string][]Site{"two sites": {one, two}, "a site and a server that is none": {alone}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, sites...)
			b.read(accessLog, one.AccessLog, b.got(200, "/", browser, ""), b.got(502, "/", browser, ""))
			b.errorLines(b.failed("shop.example.com", shopSock, ""))
			f := b.Traffic("shop")
			if f.Known || !f.Shared || f.Requests != 0 || f.LastAnswer != 0 || f.Nginx5xx != 1 {
				t.Errorf("traffic %+v", f)
			}
			if len(b.served) != 0 {
				t.Errorf("another server's answer stands for a probe: %q", b.served)
			}
			if got := b.triggered(); got != "shop" {
				t.Errorf("triggered %q, want only what the error log tells", got)
			}
		})
	}
}

func TestSharedAccessLogThatNamesItsServers(t *testing.T) {
	one, two := shop(), blog()
	two.AccessLog = one.AccessLog
	one.AccessFormat = `$host:$server_port $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"`
	two.AccessFormat = one.AccessFormat
	b := newBench(t, one, two)
	b.read(accessLog, one.AccessLog,
		"shop.example.com:80 "+b.got(200, "/", browser, ""),
		"blog.example.com:443 "+b.got(502, "/", browser, ""),
		"elsewhere.example:80 "+b.got(502, "/", browser, ""))
	if f := b.Traffic("shop"); !f.Known || f.Requests != 1 || f.Answered != 1 {
		t.Errorf("shop %+v", f)
	}
	if f := b.Traffic("blog"); !f.Known || f.Requests != 1 || f.Answered != 0 {
		t.Errorf("blog %+v", f)
	}
	if got := b.triggered(); got != "blog" {
		t.Errorf("triggered %q", got)
	}
}

func TestWithoutAnAccessLogNothingIsKnown(t *testing.T) {
	b := newBench(t, shop())
	b.sites[0].window.follow(false, b.at)
	if b.Traffic("shop").Known {
		t.Error("known, though the log is not followed")
	}
	b = newBench(t, shop())
	b.read(accessLog, shop().AccessLog, `{"status":200}`)
	if b.Traffic("shop").Known {
		t.Error("known, though the log is in another format")
	}
}

// TestWindow: counts are of the last minute by the lines' own time, whenever they are written.
func TestWindow(t *testing.T) {
	b := newBench(t, shop())
	late := b.got(200, "/", browser, "")
	for i := range 90 {
		b.read(accessLog, shop().AccessLog, b.got(200, fmt.Sprintf("/%d", i), browser, ""))
		b.at = b.at.Add(time.Second)
	}
	b.read(accessLog, shop().AccessLog, late)
	f := b.Traffic("shop")
	if f.Requests < windowSeconds-1 || f.Requests > windowSeconds {
		t.Errorf("%d requests in the window of one a second", f.Requests)
	}
	b.at = b.at.Add(2 * time.Minute)
	if f := b.Traffic("shop"); f.Requests != 0 || f.LastAnswer == 0 {
		t.Errorf("traffic %+v two minutes later", f)
	}
}
