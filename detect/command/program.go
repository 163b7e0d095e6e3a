package command

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// Program is one way of running one program. The zero value runs nothing.
type Program int

// The programs that may be run.
const (
	// Journal queries the journal, as JSON, newest entry first. Arguments: matches
	// (FIELD=value, "+"), --since=, --lines=, --boot.
	Journal Program = iota + 1
	// NginxTest is `nginx -t`; the verdict is on stderr. Arguments: -c FILE, -p PREFIX.
	NginxTest
	// NginxDump is `nginx -T`; the configuration is on stdout. Arguments as for NginxTest.
	NginxDump
	// VerifyUnit is `systemd-analyze verify`. Arguments: unit names or paths of unit files.
	VerifyUnit
	// UnitEnvironment is `systemctl show` of a unit's Environment= alone. Argument: the unit. It is
	// for [Import], which lets no value out.
	UnitEnvironment
	// TryImport is `systemd-run … PYTHON -c "import MODULE"`, on a person's command only: the import runs
	// the application's own top-level code. Arguments: --property= and --setenv= as the unit has, then the interpreter.
	TryImport
)

// spec is what a Program stands for.
type spec struct {
	name    string
	fixed   []string
	allows  func(args []string) error
	timeout time.Duration // where the context brings no nearer deadline
	limit   int           // bytes kept of each stream
}

const mib = 1 << 20

// programs is the whole allow-list. Limits: an entry of the journal takes about 1 KiB as JSON; the
// largest dumps of nginx's configuration seen on small hosts are a few hundred KiB.
var programs = map[Program]spec{
	Journal: {
		name:   "journalctl",
		fixed:  []string{"--output=json", "--all", "--quiet", "--no-pager", "--reverse"},
		allows: journalArgs, timeout: 10 * time.Second, limit: 8 * mib,
	},
	NginxTest: {name: "nginx", fixed: []string{"-t"}, allows: nginxArgs, timeout: 10 * time.Second, limit: 256 << 10},
	NginxDump: {name: "nginx", fixed: []string{"-T"}, allows: nginxArgs, timeout: 10 * time.Second, limit: 8 * mib},
	UnitEnvironment: {
		name: "systemctl", fixed: []string{"show", "--property=Environment", "--value", "--"},
		allows: unitArgs, timeout: 10 * time.Second, limit: mib,
	},
	TryImport: {
		name: "systemd-run", fixed: []string{"--quiet", "--pipe", "--wait", "--collect", "--property=RuntimeMaxSec=30"},
		allows: importArgs, timeout: 45 * time.Second, limit: 64 << 10,
	},
	VerifyUnit: {name: "systemd-analyze", fixed: []string{"verify", "--man=no"}, allows: unitArgs, timeout: 20 * time.Second, limit: 256 << 10},
}

// String names the program as a person would type it.
func (p Program) String() string {
	s, ok := programs[p]
	if !ok {
		return fmt.Sprintf("program %d", int(p))
	}
	switch p {
	case NginxTest, NginxDump, VerifyUnit:
		return s.name + " " + s.fixed[0]
	}
	return s.name
}

// journalArgs lets matches and bounds pass. Everything else journalctl knows either writes
// (--rotate, --vacuum-*, --flush) or never ends (--follow).
func journalArgs(args []string) error {
	for _, a := range args {
		switch name, _, hasValue := strings.Cut(a, "="); {
		case a == "+" || a == "--boot":
		case hasValue && (name == "--since" || name == "--lines"):
		case hasValue && isField(name):
		default:
			return fmt.Errorf("argument %q is not allowed", a)
		}
	}
	return nil
}

// isField tells a journal field's name, such as _SYSTEMD_UNIT (systemd.journal-fields(7)).
func isField(s string) bool {
	for _, r := range s {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return s != ""
}

// nginxArgs lets another configuration file or prefix pass, as in a unit's own ExecStart; never
// -s (signals) or -g (directives, which can load modules).
func nginxArgs(args []string) error {
	for i := 0; i < len(args); i += 2 {
		if (args[i] != "-c" && args[i] != "-p") || i+1 == len(args) {
			return fmt.Errorf("argument %q is not allowed", args[i])
		}
		if !filepath.IsAbs(args[i+1]) {
			return fmt.Errorf("argument %q is not an absolute path", args[i+1])
		}
	}
	return nil
}

// unitArgs lets names and paths pass, no option.
func unitArgs(args []string) error {
	for _, a := range args {
		if a == "" || a[0] == '-' {
			return fmt.Errorf("argument %q is not a unit", a)
		}
	}
	return nil
}
