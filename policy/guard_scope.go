package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

func managed(t *turn) verdict {
	switch r := t.f.Route; {
	case t.act.Unit == "":
		return never(NotManaged, "the configuration names no unit for this route that %s could be done to", t.act.Verb)
	case r.Manage == detect.ManageAct, r.Manage == detect.ManageAsk:
		return passes("manage: %s", r.Manage)
	default:
		return never(NotManaged, "manage: observe (%s)", cmp.Or(r.Reason, "the configuration says so"))
	}
}

// seenHealthy: on a site that never worked as configured, nobody knows what mended means.
func seenHealthy(t *turn) verdict {
	b := t.f.Baseline
	switch {
	case b != nil && b.Config == t.c.Config:
		return passes("verified healthy %s ago under this configuration", told(t.now().Since(b.At)))
	case t.c.Incident.Person:
		return passes("never seen healthy, but a person asks")
	case b == nil:
		return never(NeverHealthy, "the site was never verified healthy")
	}
	return never(NeverHealthy, "the site was not verified healthy since its configuration changed")
}

func notDenied(t *turn) verdict {
	names := []string{t.act.Unit}
	if t.unit != nil {
		names = append(names, t.unit.Name, t.unit.AliasOf) // the configuration may say app.service and mean docker.service
	}
	for _, n := range append(names, t.act.Takes...) {
		if n == "" || t.act.Verb.in(onNginx) && IsNginx(n) {
			continue
		}
		if DenyListed(n) {
			return never(Denied, "%s is on the list of units that are never touched", n)
		}
	}
	return passes("%s is not on the deny list", t.act.Unit)
}

func loadable(t *turn) verdict {
	u := t.unit
	switch {
	case u == nil || t.act.Verb.in(setsMode):
		return notConcerned()
	case u.Load == "masked", strings.HasPrefix(u.FileState, "masked"):
		return never(Masked, "%s is masked: a person does not want it to run", u.Name)
	case u.Load != "loaded":
		return never(NotLoadable, "systemd cannot load %s: %s %s", t.act.Unit, cmp.Or(u.Load, "state unknown"), u.LoadError)
	}
	return passes("%s is loaded and not masked", u.Name)
}

// notFrozen: whoever froze the unit wants it to rest as it is. And it must not be killed: systemd 257 never
// starts a unit again that ended while it was frozen ("Cannot start frozen unit"), nor thaws it.
func notFrozen(t *turn) verdict {
	u := t.unit
	if u == nil || u.Freezer == "" || t.act.Verb.in(setsMode) {
		return notConcerned()
	}
	return never(Frozen, "%s is %s by `systemctl freeze`: a person decided that", u.Name, u.Freezer)
}

// notDisabled: a disabled unit that did not run since boot is a person's choice; one that
// ran and died was started by somebody.
func notDisabled(t *turn) verdict {
	u := t.unit
	switch {
	case u == nil || u.FileState != "disabled" || t.act.Verb.in(setsMode):
		return notConcerned()
	case u.Running() || u.InactiveExit != 0 || u.ActiveEnter != 0:
		return passes("%s is disabled, but ran since boot", u.Name)
	case t.c.Incident.Person:
		return passes("%s is disabled, but a person asks", u.Name)
	case u == t.f.Unit && isActivated(t.f):
		return passes("%s is started by its socket", u.Name)
	}
	return never(Disabled, "%s is disabled and did not run since boot: `systemctl enable --now %s` if it should", u.Name, u.Name)
}

// Taken are the units that a restart of u takes along, or stops because they conflict with it, and that
// are not at rest, other than the route's own pair: sorted, each once.
func Taken(u *detect.Unit, r detect.Route) []string {
	if u == nil {
		return nil
	}
	return others(slices.Concat(u.TakenAlong, u.Conflicts), r)
}

// Ousted are those that a start of the units stops: the other colour of a blue/green pair, a maintenance page.
func Ousted(r detect.Route, units ...*detect.Unit) []string {
	var all []detect.Dependent
	for _, u := range units {
		if u != nil {
			all = append(all, u.Conflicts...)
		}
	}
	return others(all, r)
}

// Reached are the units, other than the route's own pair, that systemd stops or restarts when v is done to
// unit; service is the route's, which the first connection to its socket starts, and be it our own. A reload
// or a mode reaches none.
func Reached(v Verb, r detect.Route, unit, service *detect.Unit) []string {
	var out []string
	switch {
	case v.in(stopping):
		out = Taken(unit, r)
	case v.in(bringsUp):
		out = Ousted(r, unit)
	}
	if v.in(onSocket) {
		out = append(out, Ousted(r, service)...)
		slices.Sort(out)
		out = slices.Compact(out)
	}
	return out
}

func others(all []detect.Dependent, r detect.Route) []string {
	var out []string
	for _, d := range all {
		own := d.Unit == r.Unit || d.Unit == r.Socket
		if d.Active != "inactive" && d.Active != "failed" && !own && !slices.Contains(out, d.Unit) {
			out = append(out, d.Unit)
		}
	}
	slices.Sort(out)
	return out
}

func takesNothingElse(t *turn) verdict {
	if !t.act.Verb.in(stopping) && len(t.act.Takes) == 0 {
		return notConcerned()
	}
	var strange []string
	for _, u := range t.act.Takes {
		if !slices.Contains(t.f.Route.Also, u) {
			strange = append(strange, u)
		}
	}
	if len(strange) > 0 {
		return never(TakesAlong, "systemd would stop or restart %s too: add it to `also:` if that is fine", strings.Join(strange, ", "))
	}
	return passes("no other unit is taken along that is not allowed by name")
}

// noReboot: StartLimitAction= and FailureAction= can reboot the machine when what we
// start fails, SuccessAction= when what we stop ends well (systemd.unit(5)).
func noReboot(t *turn) verdict {
	u := t.unit
	if u == nil || t.act.Verb.in(setsMode) {
		return notConcerned()
	}
	if key, value := Reboots(u); key != "" {
		return never(RebootAction, "%s has %s=%s", u.Name, key, value)
	}
	return passes("%s cannot reboot the machine", u.Name)
}

// Reboots is the first setting of a unit by which systemd would reboot or power off the machine; ""
// where it has none.
func Reboots(u *detect.Unit) (key, value string) {
	for _, a := range [][2]string{
		{"StartLimitAction", u.StartLimitAction}, {"FailureAction", u.FailureAction}, {"SuccessAction", u.SuccessAction},
	} {
		if a[1] != "" && a[1] != "none" {
			return a[0], a[1]
		}
	}
	return "", ""
}
