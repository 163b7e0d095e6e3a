package remediate

import (
	"fmt"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Seen is what a look says about an intent of the past.
type Seen string

// What can be seen.
const (
	TookPlace Seen = "took place"
	NotDone   Seen = "did not take place"
	Unclear   Seen = "cannot be told"
)

// Happened tells from fresh facts whether the last step of an intent took place: by the start
// of the unit or of nginx's workers, or by the mode of the file. It is pure.
func Happened(i Intent, f detect.Facts) (Seen, string) {
	switch i.Action.Verb {
	case policy.FixSocketMode, policy.FixDirMode:
		return modeSet(i.Action, f)
	case policy.ReloadNginx:
		if f.Nginx == nil {
			return Unclear, "nginx's workers could not be seen"
		}
		return since("the oldest worker of nginx", f.Nginx.LoadedAt, i.At)
	}
	u := unitOf(f, i.Action)
	if u == nil {
		return Unclear, "the unit could not be seen"
	}
	// InactiveExit is the begin of starting, for services and sockets alike.
	return since(u.Name, u.InactiveExit, i.At)
}

func since(what string, started, intent detect.Time) (Seen, string) {
	switch {
	case started == 0:
		return Unclear, "the start of " + what + " is not known"
	case started >= intent:
		return TookPlace, what + " was started after the intent"
	}
	return NotDone, what + " was not started since"
}

func modeSet(a policy.Action, f detect.Facts) (Seen, string) {
	if f.Path == nil {
		return Unclear, "the path was not walked"
	}
	for _, p := range f.Path.Parts {
		if p.Path != a.Path {
			continue
		}
		if p.Mode == a.Mode && (a.Group == "" || p.Group == a.Group) {
			return TookPlace, fmt.Sprintf("%q has mode %04o", a.Path, p.Mode)
		}
		return NotDone, fmt.Sprintf("%q has mode %04o", a.Path, p.Mode)
	}
	return Unclear, fmt.Sprintf("%q was not seen", a.Path)
}
