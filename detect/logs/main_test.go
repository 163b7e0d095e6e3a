package logs

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ownMarker = "ABCDEFGH23456723"

// bench reads lines by hand, with a clock that stands still until it is moved.
type bench struct {
	*Sensor
	t        *testing.T
	at       time.Time
	triggers []detect.Trigger
	owed     []func() // what is done later
	served   []string
	reported []string
}

func newBench(t *testing.T, sites ...Site) *bench {
	b := &bench{t: t, at: time.Now().Truncate(time.Second).Add(500 * time.Millisecond)}
	b.Sensor = New(Config{
		Sites:  sites,
		Ours:   func(marker string) bool { return marker == ownMarker },
		Served: func(site, route string, at detect.Time) { b.served = append(b.served, site+route) },
		Report: func(text string) { b.reported = append(b.reported, text) },
	})
	b.now = func() time.Time { return b.at }
	for _, st := range b.sites {
		st.window.follow(true, b.at.Add(-time.Hour))
	}
	return b
}

func shop() Site {
	return Site{
		Site:     detect.Site{Name: "shop", Server: "shop.example.com", Routes: []detect.Route{{Path: "/", Target: detect.Unix("/run/shop/shop.sock")}}},
		ErrorLog: "/var/log/nginx/error.log", AccessLog: "/var/log/nginx/shop.log",
	}
}

func blog() Site {
	return Site{
		Site:     detect.Site{Name: "blog", Server: "blog.example.com", Routes: []detect.Route{{Path: "/", Target: detect.TCP("localhost:8000")}}},
		ErrorLog: "/var/log/nginx/error.log", AccessLog: "/var/log/nginx/blog.log",
	}
}

func (b *bench) source(k kind, path string) *source {
	return &source{b.Sensor, k, path, b.writers(k, path),
		func(t detect.Trigger) { b.triggers = append(b.triggers, t) },
		func(_ time.Duration, do func()) { b.owed = append(b.owed, do) }}
}

func (b *bench) read(k kind, path string, lines ...string) {
	src := b.source(k, path)
	read := k.reader(src)
	for _, l := range lines {
		read([][]byte{[]byte(l)})
	}
}

func (b *bench) errorLines(lines ...string) { b.read(errorLog, "/var/log/nginx/error.log", lines...) }

// triggered gives the sites that were told to look, in order, and forgets them.
func (b *bench) triggered() string {
	var names []string
	for _, t := range b.triggers {
		names = append(names, t.Site)
	}
	b.triggers = nil
	return strings.Join(names, " ")
}

// failed is nginx's line of a connect that failed, written now.
func (b *bench) failed(server, upstream, more string) string {
	peer := upstream
	if strings.HasPrefix(peer, "unix:") {
		peer += ":" // nginx ends a socket's path so
	}
	return fmt.Sprintf(`%s [error] 12#12: *3 connect() to %s failed (111: Connection refused) while connecting to upstream, client: 192.0.2.1, server: %s, request: "GET / HTTP/1.1", upstream: "http://%s/", host: "x"%s`,
		b.at.Format("2006/01/02 15:04:05"), upstream, server, peer, more)
}

// says is any other message of nginx about a client's request.
func (b *bench) says(message, server string) string {
	return fmt.Sprintf(`%s [error] 12#12: *3 %s, client: 192.0.2.1, server: %s, request: "GET / HTTP/1.1", host: "x"`,
		b.at.Format("2006/01/02 15:04:05"), message, server)
}

// got is an access line in the combined format, with more behind it.
func (b *bench) got(status int, path, agent, more string) string {
	return fmt.Sprintf(`192.0.2.1 - - [%s] "GET %s HTTP/1.1" %03d 157 "-" "%s"%s`, b.at.Format("02/Jan/2006:15:04:05 -0700"), path, status, agent, more)
}
