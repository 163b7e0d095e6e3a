package probe

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve answers every connection on a unix socket by serving it, and gives its path.
func serve(t *testing.T, answer func(net.Conn)) detect.Target {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, l, answer)
	return detect.Unix(path)
}

func serveOn(t *testing.T, l net.Listener, answer func(net.Conn)) {
	t.Helper()
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer context.AfterFunc(ctx, func() { c.Close() })()
				defer c.Close()
				answer(c)
			})
		}
	})
	t.Cleanup(func() { cancel(); l.Close(); running.Wait() })
}

// reply reads one request and answers it with text.
func reply(text string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = c.Write([]byte(text))
		}
	}
}
