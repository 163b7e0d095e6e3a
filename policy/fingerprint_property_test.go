package policy

import (
	"reflect"
	"slices"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"pgregory.net/rapid"
)

// passing codes are those whose guards read times, counts and what is measured: no fingerprint
// covers them, and each is asked again before an action.
var passing = []Code{
	SeenOnce, Settling, Limbo, StartGrace, SystemdFirst, SystemdStartLimit, FilesChanging, PersonStopped, PackageLock,
	BudgetSite, BudgetDay, BudgetHost, BudgetReload, Gap, Cooldown, Breaker, MendedJustNow, MemoryShort, Waiting, FactsLacking, StaleUnproven, LadderDone,
}

// leaf is one value in the facts that a test can change.
type leaf struct {
	name  string
	value reflect.Value
}

// leaves walks the facts. Cloning is the caller's: pointers are followed.
func leaves(name string, v reflect.Value) (out []leaf) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return leaves(name, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			out = append(out, leaves(name+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, leaves(name, v.Index(i))...)
		}
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint32, reflect.Uint64:
		out = append(out, leaf{name, v})
	}
	return out
}

// transient tells a moment, a process id, or another number that is new with each start.
func (l leaf) transient() bool {
	switch l.value.Type() {
	case reflect.TypeFor[detect.Time]():
		return true
	}
	for _, end := range []string{".PID", ".PPID", ".MainPID", ".Inode", ".Job.ID", ".Restarts", ".Took", ".Ticks", ".Queue"} {
		if len(l.name) >= len(end) && l.name[len(l.name)-len(end):] == end {
			return true
		}
	}
	return false
}

// ownFacts is a copy of the case that shares nothing with it.
func ownFacts(t *rapid.T, c Case) Case {
	raw, err := Canonical(c)
	if err != nil {
		t.Fatal(err)
	}
	return readCase(t, raw)
}

// busy is a case that has something of everything.
func busy(t *rapid.T) Case {
	c := anyCase(t)
	f := &c.Facts
	if f.Processes == nil {
		f.Processes = []detect.Process{{PID: 7, Comm: "gunicorn", State: "S", Unit: "shop.service"}}
	}
	if f.Listeners == nil {
		f.Listeners = []detect.Listener{{Target: f.Route.Target, InUnit: true, Ours: true, Inode: 5, Owners: []detect.Process{{PID: 7}}}}
	}
	return ownFacts(t, c)
}

// Moments, process ids and the like never move a fingerprint, unless they change what would be done:
// leftovers, for instance, are ended only after two seconds.
func TestFingerprintIgnoresMoments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		then := busy(t)
		now := ownFacts(t, then)
		for _, l := range leaves("", reflect.ValueOf(&now.Facts)) {
			switch {
			case !l.transient():
			case l.value.CanInt():
				l.value.SetInt(l.value.Int() + rapid.Int64Range(-1000, 1000).Draw(t, l.name))
			default:
				l.value.SetUint(l.value.Uint() + rapid.Uint64Range(0, 1000).Draw(t, l.name))
			}
		}
		if printed(&then)["action"] == printed(&now)["action"] && Fingerprint(then) != Fingerprint(now) {
			t.Fatalf("moments moved it: %q", Moved(then, now))
		}
	})
}

// Whatever changes the action, or why it is refused, moves the fingerprint.
func TestFingerprintMovesWithTheDecision(t *testing.T) {
	words := []string{"", "x", "masked", "active", "failed", "inactive", "deactivating", "disabled", "not-found", "reboot", "none", "dir", "socket", "link", "missing", "no", "yes", "observe", "docker.service"}
	rapid.Check(t, func(t *rapid.T) {
		then := busy(t)
		now := ownFacts(t, then)
		l := rapid.SampledFrom(leaves("", reflect.ValueOf(&now.Facts))).Draw(t, "leaf")
		if l.transient() {
			return
		}
		switch l.value.Kind() {
		case reflect.String:
			l.value.SetString(rapid.SampledFrom(words).Draw(t, "word"))
		case reflect.Bool:
			l.value.SetBool(!l.value.Bool())
		case reflect.Uint32, reflect.Uint64:
			l.value.SetUint(l.value.Uint() + 1)
		default:
			l.value.SetInt(rapid.Int64Range(0, 1024).Draw(t, "number"))
		}
		was, is := Decide(then), Decide(now)
		if slices.Equal(standing(was), standing(is)) && reflect.DeepEqual(was.Action, is.Action) {
			return
		}
		if Fingerprint(then) == Fingerprint(now) {
			t.Fatalf("%s: the decision changed, the fingerprint did not:\n%v %+v\n%v %+v", l.name, standing(was), was.Action, standing(is), is.Action)
		}
	})
}

// standing are the reasons against that do not pass with time.
func standing(d Decision) (out []Code) {
	for _, r := range d.Refusals {
		if !slices.Contains(passing, r.Code) {
			out = append(out, r.Code)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
