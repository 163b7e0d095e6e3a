package policy

import (
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// TestOnlyWhoCanTakeThePathHoldsARestartBack: a second master on the path is a reason not to restart,
// a command line that only says so is none.
func TestOnlyWhoCanTakeThePathHoldsARestartBack(t *testing.T) {
	says := func(uid int) func(*detect.Facts) {
		return func(f *detect.Facts) {
			f.Strays = []detect.Process{{PID: 99, UID: uid, Unit: "session-4.scope", Args: []string{"gunicorn", "-b", "unix:/run/shop/shop.sock", "app:app"}}}
		}
	}
	listens := func(uid int) func(*detect.Facts) {
		return func(f *detect.Facts) {
			f.Listeners = []detect.Listener{{Target: f.Route.Target, Ours: true, SameFile: "no", Owners: []detect.Process{{PID: 99, UID: uid}}}}
		}
	}
	part := func(i, mode int) func(*detect.Facts) {
		return func(f *detect.Facts) { f.Path.Parts[i].Mode = mode }
	}
	for _, tc := range []struct {
		name string
		with []func(*detect.Facts)
		held bool
	}{
		{"nobody", nil, false},
		{"a user says so", []func(*detect.Facts){says(1000)}, false},
		{"root says so", []func(*detect.Facts){says(0)}, true},
		{"the unit's own user says so", []func(*detect.Facts){says(1001)}, true},
		{"a user listens on a path of that name in another mount namespace", []func(*detect.Facts){listens(1000)}, false},
		{"the unit's user listens on it", []func(*detect.Facts){listens(1001)}, true},
		{"a group may write there, and who is in it is not known", []func(*detect.Facts){says(1000), part(2, 0o770)}, true},
		{"everybody may write there", []func(*detect.Facts){says(1000), part(2, 0o1777)}, true},
		{"everybody may write above, and rename nothing of others", []func(*detect.Facts){says(1000), part(1, 0o1777)}, false},
		{"everybody may write above", []func(*detect.Facts){says(1000), part(1, 0o777)}, true},
		{"the directory is gone", []func(*detect.Facts){says(1000), func(f *detect.Facts) { f.Path.Parts = f.Path.Parts[:2] }}, true},
		{"the path is not known", []func(*detect.Facts){says(1000), func(f *detect.Facts) { f.Path = nil }}, true},
		{"on TCP anybody can", []func(*detect.Facts){func(f *detect.Facts) { f.Route.Target, f.Path = detect.TCP("127.0.0.1:8000"), nil }, listens(1000)}, true},
	} {
		c := crashed()
		for _, b := range tc.with {
			b(&c.Facts)
		}
		if r := noSecondMaster(nil, &c.Facts); (r != nil) != tc.held {
			t.Errorf("%s: %+v, want held back: %v", tc.name, r, tc.held)
		}
	}
}
