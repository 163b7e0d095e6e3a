package verify

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// A real socket that is not there yet, a real TLS front that redirects from plain HTTP: what the
// scripted ends cannot show.
func TestRealSocketBehindRealTLS(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.sock")
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "shop.example.com" || !strings.HasPrefix(r.UserAgent(), "gatemend/") {
			http.Error(w, "not the site's own name: "+r.Host, http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, "hello")
	})
	front := httptest.NewTLSServer(app)
	defer front.Close()
	plain := httptest.NewServer(http.RedirectHandler("https://shop.example.com/", http.StatusMovedPermanently))
	defer plain.Close()

	down := time.AfterFunc(100*time.Millisecond, func() { serve(t, path, app) })
	defer down.Stop()
	s := subject()
	s.Route.Target = detect.Unix(path)
	s.Doors = []detect.Endpoint{
		{Target: detect.TCP(plain.Listener.Addr().String())},
		{Target: detect.TCP(front.Listener.Addr().String()), TLS: true},
	}
	p := Verifier{Passes: 2, Over: 20 * time.Millisecond}.Verify(t.Context(), s)
	if p.Verdict != policy.VerdictRecovered || !strings.Contains(p.Why, "as the upstream") {
		t.Fatalf("verdict %q (%s)", p.Verdict, p.Why)
	}
	if first := p.Upstream[0]; first.Outcome != detect.Missing {
		t.Errorf("the first answer is %+v, want a missing socket", first)
	}
}

func serve(t *testing.T, path string, h http.Handler) {
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Error(err)
		return
	}
	srv := &http.Server{Handler: h}
	t.Cleanup(func() { _ = srv.Close() })
	go func() { _ = srv.Serve(l) }()
}
