package unit

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/godbus/dbus/v5"
)

// readUnit fills what every kind of unit has.
func readUnit(u *detect.Unit, p properties) {
	if id := p.text("Id"); id != u.Name {
		u.AliasOf = id
	}
	u.Load = p.text("LoadState")
	u.LoadError = detect.Clean(p.pair("LoadError").B)
	u.Active = p.text("ActiveState")
	u.Sub = p.text("SubState")
	u.FileState = p.text("UnitFileState")
	if state := p.text("FreezerState"); state != "running" {
		u.Freezer = state
	}
	u.InactiveExit = p.at("InactiveExitTimestamp")
	u.ActiveEnter = p.at("ActiveEnterTimestamp")
	u.ActiveExit = p.at("ActiveExitTimestamp")
	u.InactiveEnter = p.at("InactiveEnterTimestamp")
	u.StateChange = p.at("StateChangeTimestamp")
	u.StartLimit = p.small("StartLimitBurst")
	u.StartLimitSpan = p.span("StartLimitIntervalUSec")
	u.StartLimitAction = p.text("StartLimitAction")
	u.FailureAction = p.text("FailureAction")
	u.SuccessAction = p.text("SuccessAction")
	u.NeedReload = p.yes("NeedDaemonReload")
	u.CanReload = p.yes("CanReload")
	u.Fragment = p.text("FragmentPath")
	u.DropIns = p.texts("DropInPaths")
	u.TriggeredBy = p.texts("TriggeredBy")
}

// readOwn fills what services and sockets share: Result, user, directories and limits.
func readOwn(u *detect.Unit, p properties) {
	u.Result = p.text("Result")
	u.User = p.text("User")
	u.Group = p.text("Group")
	u.UID = p.small("UID")
	u.GID = p.small("GID")
	u.WorkDir = strings.TrimPrefix(p.text("WorkingDirectory"), "!") // it may be missing (bus_property_get_working_directory in dbus-execute.c)
	u.RuntimeDirs = p.texts("RuntimeDirectory")
	u.RuntimeMode = p.small("RuntimeDirectoryMode")
	u.PrivateTmp = p.yes("PrivateTmp")
	u.ControlGroup = p.text("ControlGroup")
	u.MemoryMax = p.limit("MemoryMax")
	u.NofileLimit = p.limit("LimitNOFILESoft")
	u.EnvFiles = envFiles(p)
}

func readService(u *detect.Unit, p properties) {
	readOwn(u, p)
	u.Type = p.text("Type")
	u.Restart = p.text("Restart")
	u.KillMode = p.text("KillMode")
	u.OOMPolicy = p.text("OOMPolicy")
	u.MainPID = p.small("MainPID")
	u.ExitCode = p.small("ExecMainCode")
	u.ExitStatus = p.small("ExecMainStatus")
	u.Restarts = p.small("NRestarts")
	u.ExecStart = p.at("ExecMainStartTimestamp")
	u.ExecExit = p.at("ExecMainExitTimestamp")
	u.RestartSec = p.span("RestartUSec")
	u.TimeoutStart = p.span("TimeoutStartUSec")
	u.TimeoutStop = p.span("TimeoutStopUSec")
}

func readSocket(u *detect.Unit, p properties) {
	readOwn(u, p)
	u.TimeoutStart = p.span("TimeoutUSec")
	u.TimeoutStop = u.TimeoutStart
	u.SocketMode = p.small("SocketMode")
	u.SocketUser = p.text("SocketUser")
	u.SocketGroup = p.text("SocketGroup")
	u.Listens = listens(p.pairs("Listen"))
}

// listens keeps stream sockets: nothing else carries HTTP.
func listens(all []pair) (targets []detect.Target) {
	for _, l := range all {
		if l.A != "Stream" || l.B == "" {
			continue
		}
		if l.B[0] == '/' {
			targets = append(targets, detect.Unix(l.B))
		} else {
			targets = append(targets, detect.TCP(l.B))
		}
	}
	return targets
}

// envFiles writes EnvironmentFile= as in a unit file, "-" in front when it may be missing.
func envFiles(p properties) (paths []string) {
	var files []struct {
		Path     string
		Optional bool
	}
	_ = store(p["EnvironmentFiles"], &files)
	for _, f := range files {
		if f.Optional {
			f.Path = "-" + f.Path
		}
		paths = append(paths, f.Path)
	}
	return paths
}

// execStart gives the (first) command of ExecStart, a(sasbttttuii), with the program's path in front: with "@" in ExecStart= argv[0] is
// another name.
func execStart(p properties) []string {
	commands, _ := p["ExecStart"].Value().([][]any)
	if len(commands) == 0 || len(commands[0]) < 2 {
		return nil
	}
	path, _ := commands[0][0].(string)
	argv, _ := commands[0][1].([]string)
	if len(argv) == 0 {
		return nil
	}
	return append([]string{path}, argv[1:]...)
}

// jobID reads Job (uo); 0 is no job.
func jobID(p properties) uint32 {
	v, _ := p["Job"].Value().([]any)
	if len(v) == 0 {
		return 0
	}
	id, _ := v[0].(uint32)
	return id
}

func jobPath(p properties) dbus.ObjectPath {
	v, _ := p["Job"].Value().([]any)
	if len(v) < 2 {
		return ""
	}
	path, _ := v[1].(dbus.ObjectPath)
	return path
}
