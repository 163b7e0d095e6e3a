package cli

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/examples"
)

// The helper's shipped unit is what this is about: it must say what we think it says.
func TestReachOfTheShippedUnit(t *testing.T) {
	text, err := examples.FS.ReadFile(helperUnit)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		"/run/shop/shop.sock": true, "/var/run/shop.sock": true, "/srv/shop/shop.sock": false, "/tmp/shop.sock": false,
		"/running/shop.sock": false, "/home/shop/run/shop.sock": false,
	} {
		if got := reachOf(text).holds(path); got != want {
			t.Errorf("as shipped, %s: %v", path, got)
		}
		if got := reachOf().holds(path); got != want {
			t.Errorf("without a unit, %s: %v", path, got)
		}
	}
}

func TestReachFollowsDropIns(t *testing.T) {
	const unit = "[Service]\nProtectSystem=strict\nReadWritePaths=/run -/var/log/nginx\n"
	for dropIn, want := range map[string]bool{
		"":                                     false,
		"[Service]\nReadWritePaths=-/srv/shop": true,
		"[Service]\nReadWritePaths=/srv/shop/": true,
		"[Service]\nReadWritePaths=/srv":       true,
		"[Service]\nReadWritePaths=/":          true,
		"[Service]\nProtectSystem=full":        true,
		"[Service]\nReadWritePaths=/srv/shop\nReadWritePaths=": false,
		"# ReadWritePaths=/srv/shop":                           false,
	} {
		if got := reachOf([]byte(unit), []byte(dropIn)).holds("/srv/shop/shop.sock"); got != want {
			t.Errorf("%q: %v, want %v", dropIn, got, want)
		}
	}
}

func TestBeyondReachIsSaidWithWhatToAdd(t *testing.T) {
	far := detect.Route{Target: detect.Unix("/srv/shop/shop.sock"), Manage: detect.ManageAct}
	if got := reachOf().beyond(far); !strings.Contains(got, "ReadWritePaths=-/srv/shop ") || !strings.Contains(got, "systemctl edit gatemend-helper.service") {
		t.Errorf("got %q", got)
	}
	watched, near, port := far, far, far
	watched.Manage, near.Target, port.Target = detect.ManageObserve, detect.Unix("/run/shop.sock"), detect.TCP("127.0.0.1:8000")
	for _, r := range []detect.Route{watched, near, port} {
		if got := reachOf().beyond(r); got != "" {
			t.Errorf("%+v: %q", r, got)
		}
	}
}
