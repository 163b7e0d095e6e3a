package config

import (
	"context"
	"errors"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

type world struct {
	units map[string]*detect.Unit
	kinds map[string]string
	err   error
}

func (w world) Unit(_ context.Context, name string) (*detect.Unit, error) {
	if u := w.units[name]; u != nil || w.err != nil {
		return u, w.err
	}
	return &detect.Unit{Name: name, Load: "not-found"}, nil
}

func (w world) PathKind(path string) string {
	if k, ok := w.kinds[path]; ok {
		return k
	}
	return "missing"
}

func (w world) Program(path string) string {
	if w.kinds[path] == "broken" {
		return "permission denied"
	}
	return ""
}

func loaded(name string, binds ...detect.Target) map[string]*detect.Unit {
	return map[string]*detect.Unit{name: {Name: name, Load: "loaded", Binds: binds}}
}

func TestCheckFindsWhatTheMachineLacks(t *testing.T) {
	c, err := Parse("gatemend.yaml", read(t, "testdata/design.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	sock := "/run/shop/shop.sock"
	for _, test := range []struct {
		name   string
		w      world
		want   string
		outage bool
	}{
		{"all there", world{units: loaded("shop.service", detect.Unix(sock)), kinds: map[string]string{sock: "socket"}}, "", false},
		{"no unit", world{kinds: map[string]string{sock: "socket"}},
			"gatemend.yaml:18: shop.service does not exist on this machine; write the name as `systemctl list-unit-files` shows it", true},
		{"no socket", world{units: loaded("shop.service", detect.Unix(sock))},
			"gatemend.yaml:17: there is no socket /run/shop/shop.sock; write the path that gunicorn binds, if it is another", true},
		{"a file in its place", world{units: loaded("shop.service"), kinds: map[string]string{sock: "file"}},
			"gatemend.yaml:17: /run/shop/shop.sock is a file, not a socket; write the path that gunicorn binds", false},
		{"by another name", world{units: map[string]*detect.Unit{"shop.service": {Name: "shop.service", Load: "loaded", AliasOf: "store.service"}}, kinds: map[string]string{sock: "socket"}},
			"gatemend.yaml:18: shop.service is another name of store.service; write store.service", false},
		{"bound elsewhere", world{units: loaded("shop.service", detect.TCP("127.0.0.1:8000"))},
			"gatemend.yaml:17: shop.service listens on 127.0.0.1:8000, not on unix:/run/shop/shop.sock; write 127.0.0.1:8000", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			ps, err := Check(context.Background(), c, test.w)
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" {
				if len(ps) > 0 {
					t.Fatal(ps)
				}
				return
			}
			if len(ps) != 1 || ps[0].Error() != test.want || ps[0].Outage != test.outage || ps[0].Excerpt == "" {
				t.Fatalf("got %+v", ps)
			}
			if left := len(ps.Fatal(func(site string) bool { return site == "shop" })); (left == 0) != test.outage {
				t.Errorf("%d are fatal for a site that was healthy once", left)
			}
			if left := len(ps.Fatal(func(string) bool { return false })); left != 1 {
				t.Errorf("%d are fatal for a site that never was", left)
			}
		})
	}
	if _, err := Check(context.Background(), c, world{err: errors.New("no bus")}); err == nil {
		t.Error("a machine that cannot be asked passes")
	}
}
