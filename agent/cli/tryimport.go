package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// imported is the result of `diagnose --try-import`.
type imported struct {
	OK     bool   `json:"ok"`
	Output string `json:"output"` // bounded and scrubbed
}

func (i imported) render(w io.Writer, p paint) {
	if i.OK {
		fmt.Fprintf(w, "%s %s the application can be imported\n", p.bold(pad("", 12)), p.sign(good))
		return
	}
	fmt.Fprintf(w, "%s %s the application cannot be imported:\n", p.bold(pad("", 12)), p.sign(bad))
	for line := range strings.Lines(i.Output) {
		fmt.Fprintf(w, "%s   %s\n", pad("", 12), safe(strings.TrimRight(line, "\n")))
	}
}

// importArgs makes systemd run the import exactly as the unit would: same user, group,
// directory and environment. systemd itself reads the environment files, so no value of a
// variable passes through us.
func importArgs(u *detect.Unit) []string {
	module, _, _ := strings.Cut(u.App, ":")
	var args []string
	add := func(property, value string) {
		if value != "" {
			args = append(args, "--property="+property+"="+value)
		}
	}
	add("User", u.User)
	add("Group", u.Group)
	add("WorkingDirectory", u.WorkDir)
	for _, f := range u.EnvFiles {
		add("EnvironmentFile", f)
	}
	return append(args, interpreter(u), "-c", "import "+module)
}

// interpreter is the Python beside the server's program: of the same virtual environment.
func interpreter(u *detect.Unit) string {
	for _, a := range u.Argv {
		if dir, ok := strings.CutSuffix(a, "/bin/gunicorn"); ok && dir != "/usr" && dir != "/usr/local" {
			return dir + "/bin/python"
		}
	}
	return "/usr/bin/python3"
}

// importable tells whether the unit says enough: a module that is a plain dotted name, for it
// becomes part of a program text.
func importable(u *detect.Unit) bool {
	if u == nil {
		return false
	}
	module, _, _ := strings.Cut(u.App, ":")
	return module != "" && strings.Trim(module, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") == ""
}

// importCommand is the guide's last step as a command to copy; "" where the unit does not say what it imports.
func importCommand(u *detect.Unit) string {
	if !importable(u) {
		return ""
	}
	quoted := []string{"systemd-run", "--quiet", "--pipe", "--wait", "--collect", "--property=RuntimeMaxSec=30"}
	for _, a := range importArgs(u) {
		quoted = append(quoted, shellQuote(a))
	}
	if len(u.Environ) > 0 {
		quoted = append(quoted[:1], append([]string{`--property="Environment=$(systemctl show -P Environment ` + u.Name + `)"`}, quoted[1:]...)...)
	}
	return strings.Join(quoted, " ")
}

func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=./:@+,%") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
