package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// importArgs make systemd run the import as the unit would: same user, group, directory and
// environment files, which systemd itself reads. Environment= is added by [command.Import].
func importArgs(u *detect.Unit) []string {
	var args []string
	add := func(property, value string) {
		if value != "" {
			args = append(args, "--property="+property+"="+value)
		}
	}
	add("User", u.User)
	add("Group", u.Group)
	add("WorkingDirectory", workDir(u))
	for _, f := range u.EnvFiles {
		add("EnvironmentFile", f)
	}
	return append(args, interpreter(u), "-c", "import "+module(u))
}

func module(u *detect.Unit) string {
	m, _, _ := strings.Cut(u.App, ":")
	return m
}

// workDir is WorkingDirectory=, or where gunicorn's own --chdir leads.
func workDir(u *detect.Unit) string {
	dir := u.WorkDir
	for i, a := range u.Argv {
		to, ok := strings.CutPrefix(a, "--chdir=")
		if a == "--chdir" && i+1 < len(u.Argv) {
			to, ok = u.Argv[i+1], true
		}
		if ok && filepath.IsAbs(to) {
			return to
		}
		if ok {
			return filepath.Join(dir, to)
		}
	}
	return dir
}

// interpreter is the Python that runs the server: named by the unit itself, or beside the
// server's program in the same virtual environment.
func interpreter(u *detect.Unit) string {
	const system = "/usr/bin/python3"
	if len(u.Argv) == 0 || !filepath.IsAbs(u.Argv[0]) {
		return system
	}
	if strings.HasPrefix(filepath.Base(u.Argv[0]), "python") {
		return u.Argv[0]
	}
	beside := filepath.Join(filepath.Dir(u.Argv[0]), "python3")
	if _, err := os.Stat(beside); err == nil {
		return beside
	}
	return system
}

// importable tells whether the unit says enough: a module that is a plain dotted name, for it
// becomes part of a program text.
func importable(u *detect.Unit) bool {
	return u != nil && module(u) != "" && strings.Trim(module(u), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") == ""
}

// importCommand is the guide's last step as a command to copy into bash; "" where the unit does
// not say what it imports. The shell itself hands the values of Environment= over, as systemctl
// quotes them: they are not known here.
func importCommand(u *detect.Unit) string {
	if !importable(u) {
		return ""
	}
	words := []string{"systemd-run", "--pipe", "--wait", "--collect", "-q", "--property=RuntimeMaxSec=30"}
	for _, a := range importArgs(u) {
		words = append(words, shellQuote(a))
	}
	if len(u.Environ) == 0 {
		return strings.Join(words, " ")
	}
	words = slices.Insert(words, 6, `"${@/#/--setenv=}"`)
	return fmt.Sprintf(`(eval "set -- $(systemctl show -P Environment %s)"; %s)`, shellQuote(u.Name), strings.Join(words, " "))
}

func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=./:@+,%") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
