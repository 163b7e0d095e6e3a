package policy

import "github.com/gatemend/gatemend/detect"

// decided is a case, and what must come of it.
type decided struct {
	name string
	make func(*Case)
	do   Do
	verb Verb
	code Code // of the first refusal
}

// decisions name each case by what is odd about it, with what must come of it. Every trace is a
// golden file: a guard that looks at something else shows as a difference.
var decisions = append(budgets, []decided{
	{"crashed", func(c *Case) {}, DoAct, RestartUnit, ""},
	{"crashed-dry-run-decides-the-same", func(c *Case) { c.Settings.Mode = ModeDryRun }, DoAct, RestartUnit, ""},
	{"crashed-going-down", func(c *Case) {
		c.Facts.Unit.Active, c.Facts.Unit.Sub = "deactivating", "stop-sigterm"
	}, DoWait, RestartUnit, Settling},
	{"crashed-leftovers", func(c *Case) {
		c.Facts.Unit.Active, c.Facts.Unit.Sub, c.Facts.Unit.StateChange = "deactivating", "stop-sigterm", ago(3*second)
		c.Facts.Processes = []detect.Process{{PID: 9, State: "S"}}
	}, DoAct, EndLeftoversRestart, ""},
	{"crashed-tried", func(c *Case) { c.Incident.Tried = []Verb{RestartUnit} }, DoEscalate, "", LadderDone},
	{"crashed-systemd-first", func(c *Case) {
		c.Facts.Unit.Restart, c.Facts.Unit.RestartSec = "on-failure", 2*second
	}, DoWait, RestartUnit, SystemdFirst},
	{"crashed-auto-restart-under-way", func(c *Case) {
		c.Facts.Unit.Restart, c.Facts.Unit.Active, c.Facts.Unit.Sub = "always", "activating", "auto-restart"
	}, DoWait, RestartUnit, SystemdFirst},
	{"crashed-systemd-did-not", func(c *Case) {
		c.Facts.Unit.Restart, c.Facts.Unit.RestartSec, c.Facts.Unit.StateChange, c.Facts.Unit.InactiveEnter = "on-failure", 2*second, ago(8*second), ago(8*second)
	}, DoAct, RestartUnit, ""},
	{"crashed-low-confidence", func(c *Case) { c.Diagnosis.Primary.Confidence = 79 }, DoEscalate, RestartUnit, LowConfidence},
	{"crashed-never-healthy", func(c *Case) { c.Facts.Baseline = nil }, DoEscalate, RestartUnit, NeverHealthy},
	{"crashed-other-configuration", func(c *Case) { c.Config = "config-2" }, DoEscalate, RestartUnit, NeverHealthy},
	{"crashed-observe", func(c *Case) {
		c.Facts.Route.Manage, c.Facts.Route.Reason = detect.ManageObserve, "behind a container proxy"
	}, DoEscalate, RestartUnit, NotManaged},
	{"crashed-manage-ask", func(c *Case) { c.Facts.Route.Manage = detect.ManageAsk }, DoAsk, RestartUnit, NeedsApproval},
	{"crashed-manage-ask-person", func(c *Case) { c.Facts.Route.Manage, c.Incident.Person = detect.ManageAsk, true }, DoAct, RestartUnit, ""},
	{"crashed-manage-ask-approved", func(c *Case) {
		c.Facts.Route.Manage = detect.ManageAsk
		c.release(minute)
	}, DoAct, RestartUnit, ""},
	{"crashed-manage-ask-approved-before-it-moved", func(c *Case) {
		c.Facts.Route.Manage = detect.ManageAsk
		c.release(minute)
		c.Facts.Unit.Result = "oom-kill"
	}, DoEscalate, RestartUnit, PlanMoved},
	{"crashed-manage-ask-approval-over", func(c *Case) {
		c.Facts.Route.Manage = detect.ManageAsk
		c.release(0)
	}, DoAsk, RestartUnit, NeedsApproval},
	{"crashed-manage-ask-approved-but-held", func(c *Case) {
		c.Facts.Route.Manage = detect.ManageAsk
		c.Holds = []Hold{{Owner: "ann", Reason: "deploy", Until: moment.Add(hour)}}
		c.release(minute)
	}, DoEscalate, RestartUnit, Held},
	{"crashed-manage-ask-approved-but-cooling-down", func(c *Case) {
		c.Facts.Route.Manage = detect.ManageAsk
		c.did(20*second, "shop", RestartUnit, Failed)
		c.release(minute)
	}, DoWait, RestartUnit, Cooldown},
	{"crashed-heal-of-a-plan-that-moved", func(c *Case) {
		c.release(minute)
		c.Incident.Person, c.Incident.Release.Until = true, 0
		c.Facts.Unit.Result = "oom-kill"
	}, DoEscalate, RestartUnit, PlanMoved},
	{"crashed-ladder-asks", func(c *Case) {
		c.Settings.Ladders = map[detect.Cause][]Rung{detect.GunicornCrashed: {{Verb: RestartUnit, Ask: true}}}
	}, DoAsk, RestartUnit, NeedsApproval},
	{"crashed-ladder-names-what-cannot-help", func(c *Case) {
		c.Settings.Ladders = map[detect.Cause][]Rung{detect.GunicornCrashed: {{Verb: ReloadNginx}}}
	}, DoEscalate, "", NotAllowed},
	{"crashed-ladder-emptied", func(c *Case) { c.Settings.Ladders = map[detect.Cause][]Rung{detect.GunicornCrashed: {}} }, DoEscalate, "", NothingSafe},
	{"crashed-denied", func(c *Case) {
		c.Facts.Route.Unit, c.Facts.Unit.Name = "postgresql@15-main.service", "postgresql@15-main.service"
	}, DoEscalate, RestartUnit, Denied},
	{"crashed-alias-of-denied", func(c *Case) { c.Facts.Unit.AliasOf = "docker.service" }, DoEscalate, RestartUnit, Denied},
	{"crashed-masked", func(c *Case) { c.Facts.Unit.Load = "masked" }, DoEscalate, RestartUnit, Masked},
	{"crashed-not-loadable", func(c *Case) { c.Facts.Unit.Load, c.Facts.Unit.LoadError = "bad-setting", "Exec format" }, DoEscalate, RestartUnit, NotLoadable},
	{"crashed-disabled-but-ran", func(c *Case) { c.Facts.Unit.FileState = "disabled" }, DoAct, RestartUnit, ""},
	{"crashed-takes-along", func(c *Case) {
		c.Facts.Unit.TakenAlong = []detect.Dependent{{Unit: "worker.service", Active: "active", By: "RequiredBy"}}
	}, DoEscalate, RestartUnit, TakesAlong},
	{"crashed-takes-along-allowed", func(c *Case) {
		c.Facts.Unit.TakenAlong = []detect.Dependent{{Unit: "worker.service", Active: "active", By: "RequiredBy"}}
		c.Facts.Route.Also = []string{"worker.service"}
	}, DoAct, RestartUnit, ""},
	{"crashed-takes-along-denied", func(c *Case) {
		c.Facts.Unit.TakenAlong = []detect.Dependent{{Unit: "redis.service", Active: "active", By: "BoundBy"}}
		c.Facts.Route.Also = []string{"redis.service"}
	}, DoEscalate, RestartUnit, Denied},
	{"crashed-start-stops-another", func(c *Case) { c.ousts("maintenance.service") }, DoEscalate, RestartUnit, TakesAlong},
	{"stopped-start-stops-another", func(c *Case) { c.Diagnosis.Primary.Cause = detect.GunicornStopped; c.ousts("green.service") }, DoEscalate, StartUnit, TakesAlong},
	{"stopped-start-stops-another-allowed", func(c *Case) {
		c.Diagnosis.Primary.Cause, c.Facts.Route.Also = detect.GunicornStopped, []string{"green.service"}
		c.ousts("green.service")
	}, DoAct, StartUnit, ""},
	{"crashed-reboots", func(c *Case) { c.Facts.Unit.FailureAction = "reboot-force" }, DoEscalate, RestartUnit, RebootAction},
	{"crashed-held", func(c *Case) {
		c.Holds = []Hold{{Site: "shop", Owner: "anna", Reason: "deploy", Until: moment + detect.Time(5*minute)}}
	}, DoEscalate, RestartUnit, Held},
	{"crashed-held-without-end", func(c *Case) { c.Holds = []Hold{{Owner: "anna", Reason: "moving"}} }, DoEscalate, RestartUnit, Held},
	{"crashed-hold-of-others-and-past", func(c *Case) {
		c.Holds = []Hold{{Site: "blog", Owner: "anna"}, {Site: "shop", Owner: "anna", Until: ago(1)}}
	}, DoAct, RestartUnit, ""},
	{"crashed-foreign-job", func(c *Case) { c.Facts.Unit.Job = &detect.Job{ID: 4, Type: "restart"} }, DoWait, RestartUnit, ForeignJob},
	{"crashed-package-lock", func(c *Case) {
		c.Facts.Quiet.PackageLock, c.Facts.Quiet.LockSince = "/var/lib/dpkg/lock", ago(minute)
	}, DoWait, RestartUnit, PackageLock},
	{"crashed-package-lock-forgotten", func(c *Case) {
		c.Facts.Quiet.PackageLock, c.Facts.Quiet.LockSince = "/var/lib/dpkg/lock", ago(hour)
	}, DoAct, RestartUnit, ""},
	{"crashed-files-changing", func(c *Case) { c.Facts.Quiet.AppChanged = ago(4 * second) }, DoWait, RestartUnit, FilesChanging},
	{"crashed-files-from-the-future", func(c *Case) { c.Facts.Quiet.AppChanged = ago(-day) }, DoAct, RestartUnit, ""},
	{"crashed-nobody-looked-who-is-at-work", func(c *Case) { c.Facts.Quiet = nil }, DoWait, RestartUnit, FactsLacking},
	{"crashed-nobody-looked-for-a-minute", func(c *Case) { c.Facts.Quiet, c.Incident.Opened = nil, ago(2*minute) }, DoEscalate, RestartUnit, FactsLacking},
	{"crashed-ambiguous-seen-once", func(c *Case) { c.Diagnosis.Primary.Decisive = false }, DoWait, RestartUnit, SeenOnce},
	{"crashed-seen-once-silences-the-rest", func(c *Case) {
		c.Diagnosis.Primary.Decisive, c.Facts.Baseline = false, nil
	}, DoWait, RestartUnit, SeenOnce},

	{"stopped-clean-exit", func(c *Case) { c.stopped(ago(second), false) }, DoAct, StartUnit, ""},
	{"stopped-socket-activated", func(c *Case) {
		c.socketDown()
	}, DoAct, StartSocket, ""},
	{"stopped-service-of-a-socket-stops-another", func(c *Case) {
		c.socketDown()
		c.ousts("green.service")
	}, DoEscalate, StartSocket, TakesAlong},
	{"stopped-never-started-disabled", func(c *Case) {
		c.stopped(ago(hour), false)
		c.Facts.Stop, c.Facts.Unit.FileState = nil, "disabled"
		c.Facts.Unit.InactiveExit, c.Facts.Unit.InactiveEnter = 0, 0
	}, DoEscalate, StartUnit, Disabled},
	{"stopped-by-person-just-now", func(c *Case) { c.stopped(ago(5*second), true) }, DoWait, StartUnit, PersonStopped},
	{"stopped-by-person-told", func(c *Case) { c.stopped(ago(61*second), true) }, DoEscalate, StartUnit, PersonStopped},
	{"stopped-by-person-long-ago", func(c *Case) { c.stopped(ago(16*minute), true) }, DoAct, StartUnit, ""},
	{"stopped-by-person-never-start", func(c *Case) {
		c.stopped(ago(day), true)
		c.Settings.OperatorStop.StartAfter = detect.Forever
	}, DoEscalate, StartUnit, PersonStopped},
	{"stopped-by-person-still-logged-in", func(c *Case) {
		c.stopped(ago(16*minute), true)
		c.Facts.Quiet.Sessions = []detect.Session{{ID: "3", User: "anna", Since: ago(hour)}}
	}, DoEscalate, StartUnit, PersonStopped},
	{"stopped-by-person-who-heals", func(c *Case) { c.stopped(ago(5*second), true); c.Incident.Person = true }, DoAct, StartUnit, ""},
	{"stopped-by-a-restart-of-ours", func(c *Case) {
		c.stopped(ago(5*minute), true)
		c.did(5*minute+second, "shop", RestartUnit, Failed)
	}, DoAct, StartUnit, ""},
	{"stopped-by-a-person-after-a-restart-of-ours", func(c *Case) {
		c.stopped(ago(5*second), true)
		c.did(30*second, "shop", RestartUnit, Recovered)
		c.Facts.Unit.ExecStart = ago(28 * second)
	}, DoWait, StartUnit, PersonStopped},
	{"stopped-journal-silent", func(c *Case) { c.stopped(ago(5*second), true); c.Facts.Stop = nil }, DoWait, StartUnit, PersonStopped},

	{"hung", func(c *Case) { c.running(detect.GunicornHung) }, DoAct, EndLeftoversRestart, ""},
	{"hung-frozen-by-a-person", func(c *Case) { c.running(detect.GunicornHung); c.Facts.Unit.Freezer = "frozen" }, DoEscalate, EndLeftoversRestart, Frozen},
	{"crashed-while-frozen", func(c *Case) { c.Facts.Unit.Freezer = "frozen" }, DoEscalate, RestartUnit, Frozen},
	{"hung-once-an-incident", func(c *Case) { c.running(detect.GunicornHung); c.Incident.Tried = []Verb{EndLeftoversRestart} }, DoEscalate, "", LadderDone},
	{"hung-being-debugged", func(c *Case) {
		c.running(detect.GunicornHung)
		c.Facts.Processes = []detect.Process{{PID: 9, State: "t", Tracer: 77}}
	}, DoEscalate, "", NothingSafe},
	{"hung-starting", func(c *Case) {
		c.running(detect.GunicornHung)
		c.Facts.Unit.InactiveExit, c.Facts.Baseline.SlowestStart = ago(70*second), 40*second
	}, DoWait, EndLeftoversRestart, StartGrace},
	{"hung-two-starts-left-needed", func(c *Case) {
		c.running(detect.GunicornHung)
		c.Facts.Unit.StartLimitSpan = 10 * minute
		c.Facts.Start = &detect.Start{Recent: 4, Last: ago(3 * minute)}
	}, DoEscalate, EndLeftoversRestart, SystemdStartLimit},

	{"start-limit-reason-remains", func(c *Case) { c.Diagnosis.Primary.Cause = detect.StartLimitHit }, DoEscalate, "", ReasonRemains},
	{"start-limit-of-an-activated-service", func(c *Case) {
		c.Diagnosis.Primary.Cause, c.Incident.Mended = detect.StartLimitHit, true
		c.Facts.Route.Socket = "shop.socket"
		c.Facts.Socket = &detect.Unit{Name: "shop.socket", Load: "loaded", Active: "failed", Sub: "failed", FileState: "enabled", Result: "service-start-limit-hit"}
	}, DoAct, ResetFailedStart, ""},
	{"start-limit-reason-gone", func(c *Case) { c.Diagnosis.Primary.Cause, c.Diagnosis.Primary.Gone = detect.StartLimitHit, true }, DoAct, ResetFailedStart, ""},
	{"import-error", func(c *Case) { c.Diagnosis.Primary.Cause = detect.AppImportError }, DoEscalate, "", NothingSafe},
	{"import-error-mended", func(c *Case) {
		c.Diagnosis.Primary.Cause, c.Incident.Mended = detect.AppImportError, true
		for i := range 3 {
			c.did(detect.Span(30+10*i)*minute, "shop", RestartUnit, Failed)
		}
	}, DoAct, StartUnit, ""},
	{"import-error-mended-twice-in-two-minutes", func(c *Case) {
		c.Diagnosis.Primary.Cause, c.Incident.Mended = detect.AppImportError, true
		c.did(minute, "shop", StartUnit, Failed).Mended = true
	}, DoWait, StartUnit, MendedJustNow},
	{"import-error-mended-still-copying", func(c *Case) {
		c.Diagnosis.Primary.Cause, c.Incident.Mended = detect.AppImportError, true
		c.Facts.Quiet.AppChanged = ago(3 * second)
	}, DoWait, StartUnit, FilesChanging},
	{"env-missing-mended-not-really", func(c *Case) {
		c.Diagnosis.Primary.Cause, c.Incident.Mended = detect.EnvMissing, true
		c.Diagnosis.Primary.Subject = map[string]string{"path": "/etc/shop.env"}
		c.Facts.Named = []detect.Named{{Kind: "envfile", Name: "/etc/shop.env", State: "missing"}}
	}, DoEscalate, "", ReasonRemains},
	{"import-error-person-after-edit", func(c *Case) {
		c.Diagnosis.Primary.Cause, c.Incident.Person = detect.AppImportError, true
		c.Facts.Unit.InactiveEnter, c.Facts.Unit.ExecExit, c.Facts.Quiet.AppChanged = ago(hour), ago(hour), ago(minute)
	}, DoAct, StartUnit, ""},
	{"import-error-person-without-edit", func(c *Case) { c.Diagnosis.Primary.Cause, c.Incident.Person = detect.AppImportError, true }, DoEscalate, "", NothingSafe},
	{"database-back-again", func(c *Case) {
		c.Diagnosis.Primary.Cause, c.Diagnosis.Primary.Gone = detect.AppStartup, true
		c.Incident.Tried = []Verb{StartUnit}
		c.did(3*minute, "shop", StartUnit, Failed)
	}, DoAct, StartUnit, ""},
	{"unit-edited-mended", func(c *Case) {
		c.Diagnosis.Primary.Cause, c.Incident.Mended, c.Facts.Unit.NeedReload = detect.ExecPathWrong, true, true
	}, DoAct, DaemonReloadRestart, ""},

	{"socket-missing", func(c *Case) { c.running(detect.SocketMissing) }, DoAct, RestartUnit, ""},
	{"socket-missing-activated", func(c *Case) {
		c.running(detect.SocketMissing)
		c.Facts.Route.Socket = "shop.socket"
		c.Facts.Socket = &detect.Unit{Name: "shop.socket", Load: "loaded", Active: "active", Sub: "running", FileState: "enabled",
			TakenAlong: []detect.Dependent{{Unit: "shop.service", Active: "active", By: "RequiredBy"}}}
	}, DoAct, RestartSocket, ""},
	{"socket-missing-activated-by-itself", func(c *Case) {
		c.running(detect.SocketMissing)
		c.Facts.Route.Socket = "shop.socket"
		c.Facts.Socket = &detect.Unit{Name: "shop.socket", Load: "loaded", Active: "active", Sub: "running", FileState: "enabled"}
	}, DoEscalate, "", NothingSafe},
	{"socket-missing-limbo", func(c *Case) {
		c.running(detect.SocketMissing)
		c.Diagnosis.Primary.Subject[detect.SubjectLimbo] = "yes"
	}, DoWait, RestartUnit, Limbo},
	{"socket-missing-second-master", func(c *Case) {
		c.running(detect.SocketMissing)
		c.Facts.Strays = []detect.Process{{PID: 44, Args: []string{"gunicorn", "-b", "unix:/run/shop/shop.sock"}}}
	}, DoEscalate, "", NothingSafe},
	{"socket-stale", func(c *Case) { c.running(detect.SocketStale) }, DoAct, RestartUnit, ""},

	{"socket-permission", func(c *Case) { c.closedSocket() }, DoAct, FixSocketMode, ""},
	{"socket-permission-while-starting", func(c *Case) { c.closedSocket(); c.Facts.Unit.InactiveExit = ago(5 * second) }, DoAct, FixSocketMode, ""},
	{"socket-permission-no-baseline-mode", func(c *Case) { c.closedSocket(); c.Facts.Baseline.Socket = nil }, DoEscalate, "", ModeUnknown},
	{"socket-permission-wider-than-baseline", func(c *Case) {
		c.closedSocket()
		c.Facts.Baseline.Socket.Mode, c.Diagnosis.Primary.Subject[detect.SubjectWantMode] = 0o660, "0666"
	}, DoEscalate, "", ModeUnknown},
	{"socket-permission-hard-link", func(c *Case) { c.closedSocket(); c.Facts.Path.Last().Links = 2 }, DoEscalate, FixSocketMode, ModeUnknown},
	{"socket-permission-other-owner", func(c *Case) { c.closedSocket(); c.Facts.Path.Last().UID = 1002 }, DoEscalate, FixSocketMode, ModeUnknown},
	{"socket-permission-of-roots-moved-there", func(c *Case) { c.closedSocket(); c.Facts.Path.Last().UID = 0 }, DoEscalate, FixSocketMode, ModeUnknown},
	{"socket-permission-of-the-socket-unit", func(c *Case) {
		c.closedSocket()
		c.Facts.Path.Last().UID, c.Facts.Path.Last().Owner = 33, "www-data"
		c.Facts.Socket = &detect.Unit{Name: "shop.socket", Load: "loaded", Active: "active", SocketMode: 0o660, SocketUser: "www-data"}
	}, DoAct, FixSocketMode, ""},
	{"socket-permission-a-file", func(c *Case) { c.closedSocket(); c.Facts.Path.Last().Kind = "file" }, DoEscalate, FixSocketMode, ModeUnknown},
	{"socket-permission-old-workers", func(c *Case) { c.closedSocket(); c.Diagnosis.Primary.Subject[detect.SubjectGroups] = "stale" }, DoAct, ReloadNginx, ""},
	{"socket-permission-old-workers-edited-config", func(c *Case) {
		c.closedSocket()
		c.Diagnosis.Primary.Subject[detect.SubjectGroups] = "stale"
		c.Facts.Nginx.ChangedAt = ago(hour)
	}, DoEscalate, ReloadNginx, StaleUnproven},
	{"socket-permission-then-restart", func(c *Case) {
		c.closedSocket()
		c.Incident.Tried, c.Diagnosis.Primary.Subject[detect.SubjectRight] = []Verb{FixSocketMode}, "yes"
		c.did(70*second, "shop", FixSocketMode, Failed)
	}, DoAct, RestartUnit, ""},
	{"dir-permission", func(c *Case) {
		c.running(detect.SocketDirPerm)
		c.Facts.Path.Parts[2].Mode, c.Facts.Path.Parts[2].WorkerMay = 0o700, "no"
	}, DoAct, FixDirMode, ""},
	{"dir-permission-of-roots", func(c *Case) {
		c.running(detect.SocketDirPerm)
		c.Facts.Path.Parts[2].Mode, c.Facts.Path.Parts[2].WorkerMay, c.Facts.Path.Parts[2].UID = 0o700, "no", 0
		c.Facts.Route.Socket, c.Facts.Socket = "shop.socket", &detect.Unit{Name: "shop.socket", Load: "loaded", Active: "active"}
	}, DoEscalate, FixDirMode, ModeUnknown},
	{"dir-permission-home", func(c *Case) {
		c.running(detect.SocketDirPerm)
		c.Facts.Path.Parts[2].Path, c.Facts.Path.Parts[2].Mode, c.Facts.Path.Parts[2].WorkerMay = "/home/anna", 0o700, "no"
	}, DoEscalate, "", NothingSafe},

	{"worker-oom", func(c *Case) { c.Diagnosis.Primary.Cause = detect.WorkerOOM }, DoAct, RestartUnit, ""},
	{"worker-oom-no-memory", func(c *Case) { c.Diagnosis.Primary.Cause, c.Facts.Host.MemFree = detect.WorkerOOM, 50<<20 }, DoEscalate, "", MemoryShort},
	{"worker-oom-memory-unknown", func(c *Case) { c.Diagnosis.Primary.Cause, c.Facts.Host = detect.WorkerOOM, nil }, DoWait, RestartUnit, FactsLacking},
	{"backlog-full", func(c *Case) { c.running(detect.BacklogFull) }, DoWait, "", Waiting},
	{"backlog-full-for-a-minute", func(c *Case) { c.running(detect.BacklogFull); c.Incident.Since = ago(minute) }, DoEscalate, "", LadderDone},
	{"app-error", func(c *Case) { c.running(detect.AppError) }, DoEscalate, "", NothingSafe},
	{"unknown-seen-once", func(c *Case) { c.running(detect.Unknown); c.Incident.Seen = 1 }, DoWait, "", SeenOnce},
	{"unknown", func(c *Case) { c.running(detect.Unknown) }, DoEscalate, "", NothingSafe},
	{"unknown-while-a-person-restarts-it", func(c *Case) {
		c.unsure(detect.Unknown)
		c.Facts.Unit.Active, c.Facts.Unit.Job = "deactivating", &detect.Job{ID: 4, Type: "restart"}
	}, DoWait, "", ForeignJob},
	{"unknown-while-a-person-restarts-nginx", func(c *Case) {
		c.unsure(detect.Unknown)
		c.Facts.Upstream = &detect.Answer{Outcome: detect.Answered, Status: 200}
		c.Facts.Nginx = &detect.Nginx{Unit: &detect.Unit{Name: "nginx.service", Active: "deactivating", Job: &detect.Job{ID: 4, Type: "restart"}}}
	}, DoWait, "", ForeignJob},
	{"unknown-going-down", func(c *Case) { c.unsure(detect.Unknown); c.Facts.Unit.Active = "deactivating" }, DoWait, "", Settling},
	{"unknown-going-down-for-a-minute", func(c *Case) {
		c.unsure(detect.Unknown)
		c.Facts.Unit.Active, c.Incident.Opened = "deactivating", ago(minute)
	}, DoEscalate, "", NothingSafe},
	{"unknown-just-started", func(c *Case) {
		c.unsure(detect.Unknown)
		c.Facts.Unit.InactiveExit = ago(30 * second)
	}, DoWait, "", StartGrace},
	{"unknown-and-starting-by-the-diagnosis", func(c *Case) {
		c.unsure(detect.Unknown)
		c.Settings.StartGrace, c.Facts.Unit.InactiveExit = second, ago(5*second)
		c.Diagnosis.Primary.Subject[detect.SubjectStarting] = "yes"
	}, DoWait, "", StartGrace},
	{"unknown-after-a-first-answer", func(c *Case) {
		c.unsure(detect.Unknown)
		c.Facts.Unit.InactiveExit, c.Facts.Baseline.At = ago(30*second), ago(10*second)
	}, DoEscalate, "", NothingSafe},
	{"unknown-just-started-after-the-clock-was-set-back", func(c *Case) {
		c.unsure(detect.Unknown)
		c.Facts.Unit.InactiveExit, c.Facts.Baseline.At = ago(30*second), ago(-hour)
	}, DoWait, "", StartGrace},
	{"import-error-while-it-starts", func(c *Case) {
		c.unsure(detect.AppImportError)
		c.Diagnosis.Primary.Confidence, c.Facts.Unit.InactiveExit = 93, ago(2*second)
	}, DoEscalate, "", NothingSafe},

	{"nginx-down", func(c *Case) { nginxDown(c) }, DoAct, StartNginx, ""},
	{"nginx-down-ports-held", func(c *Case) {
		nginxDown(c)
		c.Facts.Nginx.Foreign = []detect.Listener{{Target: detect.TCP("0.0.0.0:80"), Owners: []detect.Process{{Comm: "certbot"}}}}
	}, DoEscalate, StartNginx, PortsHeld},
	{"nginx-down-test-fails", func(c *Case) {
		nginxDown(c)
		c.Facts.Nginx.Test = &detect.ConfTest{At: moment, File: "/etc/nginx/nginx.conf", Line: 3, Message: "unknown directive"}
	}, DoEscalate, StartNginx, ConfigTest},
	{"nginx-down-by-person", func(c *Case) {
		nginxDown(c)
		c.Facts.Nginx.Stop = &detect.Stop{At: ago(2 * minute), ByJob: true}
	}, DoEscalate, StartNginx, PersonStopped},
	{"nginx-stale", func(c *Case) { c.stale() }, DoAct, ReloadNginx, ""},
	{"nginx-stale-elsewhere", func(c *Case) { c.stale(); c.Facts.Nginx.Elsewhere = true }, DoEscalate, ReloadNginx, StaleUnproven},
	{"nginx-stale-forged-line", func(c *Case) { c.stale(); c.Facts.Lines[0].Ours = false }, DoEscalate, ReloadNginx, StaleUnproven},
	{"nginx-stale-editing", func(c *Case) { c.stale(); c.Facts.Quiet.NginxChanged = ago(20 * second) }, DoWait, ReloadNginx, FilesChanging},
	{"nginx-stale-reload-budget", func(c *Case) {
		c.stale()
		c.did(5*minute, "blog", ReloadNginx, Failed)
		c.did(4*minute, "blog", ReloadNginx, Failed)
	}, DoEscalate, ReloadNginx, BudgetReload},
	{"unit-stale-down", func(c *Case) { c.Diagnosis.Primary.Cause, c.Facts.Unit.NeedReload = detect.UnitStale, true }, DoAct, DaemonReloadRestart, ""},
	{"unit-stale-going-down", func(c *Case) { c.staleGoingDown() }, DoWait, DaemonReloadRestart, Settling},
	{"unit-stale-going-down-for-a-minute", func(c *Case) {
		c.staleGoingDown()
		c.Incident.Opened = ago(minute)
	}, DoEscalate, DaemonReloadRestart, LowConfidence},
	{"unit-stale-serving", func(c *Case) { c.running(detect.UnitStale) }, DoEscalate, "", NothingSafe},

	{"healthy", func(c *Case) { c.Diagnosis.Health = detect.Healthy }, DoNothing, "", ""},
	{"degraded", func(c *Case) { c.Diagnosis.Health = detect.Degraded }, DoNothing, "", ""},
	{"uncertain", func(c *Case) { c.Diagnosis.Health = detect.Uncertain }, DoWait, "", NotConfirmed},
	{"unknown-schema", func(c *Case) { c.Schema = 99 }, DoEscalate, "", FactsLacking},
}...)
