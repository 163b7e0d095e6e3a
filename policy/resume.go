package policy

import (
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// resumed are the causes that only a person can mend, and that leave a unit which somebody
// must then start: we finish the job.
var resumed = []detect.Cause{
	detect.AppImportError, detect.AppStartup, detect.EnvMissing, detect.ExecPathWrong, detect.UnitUserWrong,
	detect.PortInUse, detect.BindDenied, detect.StartLimitHit, detect.DiskFull, detect.MACDenied,
}

// finish is the ladder after a person's fix: whatever gets the mended unit going.
var finish = []remedy{
	{verb: DaemonReloadRestart, fits: both(named, both(serviceDown, needsReload)), repeat: true},
	// Before the socket: systemd would refuse the service that the first client then starts.
	{verb: ResetFailedStart, fits: both(named, both(serviceDown, atStartLimit)), repeat: true},
	{verb: StartSocket, fits: both(named, socketDown), repeat: true},
	{verb: StartUnit, fits: both(named, serviceDown), repeat: true},
	{verb: RestartUnit, fits: both(named, silent), repeat: true},
}

// resuming tells whether a person has mended what only a person can: the agent saw the
// fix settle, or a person asks and the fix is on the disk.
func resuming(c *Case) bool {
	d := &c.Diagnosis.Primary
	if !slices.Contains(resumed, d.Cause) {
		return false
	}
	return c.Incident.Mended || c.Incident.Person && (d.Gone || changedSinceFailure(&c.Facts))
}

func changedSinceFailure(f *detect.Facts) bool {
	if f.Unit == nil {
		return false
	}
	failed := max(f.Unit.InactiveEnter, f.Unit.ExecExit, f.Unit.ExecStart)
	if f.Quiet != nil && max(f.Quiet.AppChanged, f.Quiet.UnitChanged) > failed {
		return true
	}
	return slices.ContainsFunc(f.Changes, func(ch detect.Change) bool { return ch.At > failed })
}

// named refuses while a thing that the finding names is visibly still wrong.
func named(d *detect.Finding, f *detect.Facts) *Refusal {
	for _, n := range f.Named {
		if !about(d, n.Name) {
			continue
		}
		if wrong := stillWrong(d.Cause, n); wrong {
			return unfit(ReasonRemains, "%s %q is still %s", n.Kind, n.Name, n.State)
		}
	}
	return nil
}

func about(d *detect.Finding, name string) bool {
	for _, v := range d.Subject {
		if v == name {
			return true
		}
	}
	return false
}

func stillWrong(cause detect.Cause, n detect.Named) bool {
	switch n.State {
	case "missing", "unreadable", "not-executable", "crlf":
		return true
	case "listening":
		return n.Kind == "port" && cause == detect.PortInUse
	case "free":
		return n.Kind == "port" && cause == detect.AppStartup
	}
	return false
}

func needsReload(_ *detect.Finding, f *detect.Facts) *Refusal {
	if f.Unit == nil || !f.Unit.NeedReload {
		return unfit(NothingSafe, "systemd has loaded the unit as it is on disk")
	}
	return nil
}

func atStartLimit(d *detect.Finding, f *detect.Facts) *Refusal {
	if d.Cause == detect.StartLimitHit || f.Start != nil && f.Start.Refused != 0 {
		return nil
	}
	return unfit(NothingSafe, "systemd has not refused to start the unit")
}

// silent: the master runs and does not answer, as one that respawns failing workers does.
func silent(_ *detect.Finding, f *detect.Facts) *Refusal {
	if f.Upstream.Healthy() {
		return unfit(NothingSafe, "the app answers")
	}
	return nil
}
