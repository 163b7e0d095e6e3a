package evidence

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/gunicorn"
)

// unit fills Facts.Unit from unit_properties and unit_file.
func (d *document) unit(f *detect.Facts) {
	if len(d.UnitProperties) > 0 {
		f.Unit = properties(d.UnitProperties)
		if at, asked := d.UnitProperties["StateChangeTimestamp"]; asked && text(at) == "" {
			f.Lacking = append(f.Lacking, detect.Lack{Fact: detect.UnitHistory, Why: "systemd has no record that the unit ever changed its state"})
		}
	}
	if len(d.UnitFile) == 0 {
		return
	}
	if f.Unit == nil {
		f.Unit = &detect.Unit{}
	}
	unitFile(f.Unit, d.UnitFile)
}

// properties reads `systemctl show`: values are text, ExecMainCode a number or its name.
func properties(p map[string]any) *detect.Unit {
	get := func(k string) string { return text(p[k]) }
	u := &detect.Unit{
		Name: get("Id"), Load: get("LoadState"), LoadError: get("LoadError"), Active: get("ActiveState"), Sub: get("SubState"),
		Result: get("Result"), FileState: get("UnitFileState"), Type: get("Type"), Restart: get("Restart"), KillMode: get("KillMode"),
		OOMPolicy: get("OOMPolicy"), MainPID: number(get("MainPID")), ExitCode: exitCode(get("ExecMainCode")), ExitStatus: number(get("ExecMainStatus")),
		Restarts: number(get("NRestarts")), StartLimit: number(get("StartLimitBurst")), NeedReload: get("NeedDaemonReload") == "yes",
		Fragment: get("FragmentPath"), DropIns: strings.Fields(get("DropInPaths")), User: get("User"), Group: get("Group"),
		RuntimeDirs: strings.Fields(get("RuntimeDirectory")), WorkDir: strings.TrimPrefix(get("WorkingDirectory"), "!"), Freezer: strings.TrimPrefix(get("FreezerState"), "running"), PrivateTmp: get("PrivateTmp") == "yes",
		TriggeredBy: strings.Fields(get("TriggeredBy")),
	}
	if max, err := strconv.ParseInt(get("MemoryMax"), 10, 64); err == nil {
		u.MemoryMax = max
	}
	if u.Name == "" && u.Fragment != "" {
		u.Name = u.Fragment[strings.LastIndexByte(u.Fragment, '/')+1:]
	}
	return u
}

func exitCode(s string) int {
	switch s {
	case "exited":
		return 1
	case "killed":
		return 2
	case "dumped":
		return 3
	}
	return number(s)
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool, float64:
		return fmt.Sprint(v)
	case []any:
		var s []string
		for _, e := range v {
			s = append(s, text(e))
		}
		return strings.Join(s, "; ")
	}
	return fmt.Sprint(v)
}

// unitFile reads the lines of a unit file; the last setting counts, but for lists.
func unitFile(u *detect.Unit, lines []string) {
	for _, line := range joined(lines) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(key, "#") {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "ExecStart":
			u.Argv = strings.Fields(strings.TrimLeft(value, "-@:+!"))
		case "User":
			u.User = value
		case "Group":
			u.Group = value
		case "WorkingDirectory":
			u.WorkDir = strings.TrimPrefix(value, "-") // it may be missing (systemd.exec(5))
		case "EnvironmentFile":
			u.EnvFiles = append(u.EnvFiles, value)
		case "Environment":
			u.Environ = append(u.Environ, names(value)...)
		case "RuntimeDirectory":
			u.RuntimeDirs = strings.Fields(value)
		case "Type":
			u.Type = value
		case "Restart":
			u.Restart = value
		case "PrivateTmp":
			u.PrivateTmp = value == "true" || value == "yes"
		}
	}
	told := gunicorn.Read(gunicorn.Service{Argv: u.Argv, Dir: u.WorkDir, EnvUnknown: true}, nil)
	u.WSGI, u.WSGIMain, u.App, u.TimeoutApp, u.WorkerClass = told.Server, told.Direct, told.App, told.Timeout, told.WorkerClass
	if told.Umask >= 0 {
		u.BindMode = 0o777 &^ told.Umask
	}
	if told.BindSource == "argv" {
		u.Binds, u.BindSource = told.Binds, told.BindSource
	}
	u.Argv = detect.CleanArgs(u.Argv)
}

// joined puts lines that end in a backslash together.
func joined(lines []string) []string {
	var out []string
	open := ""
	for _, l := range lines {
		if cut, ok := strings.CutSuffix(strings.TrimRight(l, " \t\r"), `\`); ok {
			open += cut + " "
			continue
		}
		out = append(out, open+l)
		open = ""
	}
	if open != "" {
		out = append(out, open)
	}
	return out
}

// names are the variables of Environment=, never their values.
func names(value string) []string {
	var out []string
	for _, word := range strings.Fields(value) {
		if name, _, ok := strings.Cut(strings.Trim(word, `"'`), "="); ok {
			out = append(out, name)
		}
	}
	return out
}
