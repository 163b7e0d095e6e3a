package detect_test

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
)

func TestStranger(t *testing.T) {
	sock, port := detect.Unix("/run/shop/shop.sock"), detect.TCP("127.0.0.1:8000")
	other := []detect.Process{{PID: 7, Comm: "gunicorn", Unit: "session-3.scope"}}
	own := []detect.Process{{PID: 5, Comm: "gunicorn", Unit: "shop.service"}}
	tests := map[string]struct {
		listeners []detect.Listener
		want      int // PID, 0: none
	}{
		"the unit's own port":           {[]detect.Listener{{Target: port, Ours: true, InUnit: true, Owners: own}}, 0},
		"another's port":                {[]detect.Listener{{Target: port, Ours: true, Owners: other}}, 7},
		"a port that both share":        {[]detect.Listener{{Target: port, Ours: true, Owners: other}, {Target: port, Ours: true, InUnit: true, Owners: own}}, 0},
		"nobody knows whose":            {[]detect.Listener{{Target: port, Ours: true}}, 0},
		"somewhere else":                {[]detect.Listener{{Target: detect.TCP("127.0.0.1:9"), Owners: other}}, 0},
		"the unit's own socket":         {[]detect.Listener{{Target: sock, Ours: true, InUnit: true, SameFile: "yes", Owners: own}}, 0},
		"a stolen path":                 {[]detect.Listener{{Target: sock, Ours: true, InUnit: true, SameFile: "no", Owners: own}, {Target: sock, Ours: true, SameFile: "yes", Owners: other}}, 7},
		"a path in another namespace":   {[]detect.Listener{{Target: sock, Ours: true, InUnit: true, SameFile: "yes", Owners: own}, {Target: sock, Ours: true, SameFile: "no", Owners: other}}, 0},
		"where the path leads is dark":  {[]detect.Listener{{Target: sock, Ours: true, Owners: other}}, 0},
		"the unit's socket is unlinked": {[]detect.Listener{{Target: sock, Ours: true, InUnit: true, SameFile: "no", Owners: own}}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			l, ok := detect.Stranger(tt.listeners)
			got := 0
			if ok {
				got = l.Owners[0].PID
			}
			if got != tt.want {
				t.Errorf("stranger is PID %d, want %d", got, tt.want)
			}
		})
	}
}
