package command

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/shlex"
)

// Import imports a module as a unit would: args are those of [TryImport]. The unit's
// Environment= is handed from systemctl to systemd-run in here: its values leave this package
// only to the app's own interpreter, and where the app prints one of a secret's, it is masked.
func Import(ctx context.Context, unit string, args ...string) (Output, error) {
	shown, err := Run(ctx, UnitEnvironment, unit)
	if err != nil {
		return Output{}, err
	}
	env, err := assignments(string(shown.Stdout))
	if err != nil {
		return Output{}, fmt.Errorf("cannot read Environment= of %s: %w", unit, err)
	}
	set := make([]string, len(env))
	for i, a := range env {
		set[i] = "--setenv=" + a
	}
	out, err := Run(ctx, TryImport, append(set, args...)...)
	out.Stdout, out.Stderr = masked(out.Stdout, env), masked(out.Stderr, env)
	return out, err
}

// assignments reads what `systemctl show` prints of a list: words, quoted as a shell would
// where it must be (shell_maybe_quote() in systemd's src/basic/escape.c).
func assignments(text string) ([]string, error) {
	words, err := shlex.Split(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(words, func(w string) bool { return !isAssignment(w) }), nil
}

// isAssignment tells NAME=VALUE.
func isAssignment(s string) bool {
	name, _, ok := strings.Cut(s, "=")
	return ok && name != "" && name[0] > '9' && strings.Trim(name, letters+"0123456789_") == ""
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// masked takes the values of variables that are named like secrets out of a text. Others
// stay: a traceback is full of paths that some variable holds as well.
func masked(text []byte, env []string) []byte {
	s := string(text)
	for _, a := range env {
		name, value, _ := strings.Cut(a, "=")
		if len(value) >= 4 && isSecret(name) {
			s = strings.ReplaceAll(s, value, "["+name+"]")
		}
	}
	return []byte(s)
}

func isSecret(name string) bool {
	name = strings.ToUpper(name)
	return slices.ContainsFunc([]string{"SECRET", "PASS", "TOKEN", "KEY", "CREDENTIAL", "DSN", "URL", "URI", "AUTH", "SALT"},
		func(part string) bool { return strings.Contains(name, part) })
}

// importArgs lets what systemd needs to run as the unit would pass, and one import of one module.
func importArgs(args []string) error {
	n := len(args)
	if n < 3 || args[n-2] != "-c" || !filepath.IsAbs(args[n-3]) || !isImport(args[n-1]) {
		return fmt.Errorf("the arguments are not an import")
	}
	for _, a := range args[:n-3] {
		if set, ok := strings.CutPrefix(a, "--setenv="); ok && isAssignment(set) {
			continue
		}
		property, _ := strings.CutPrefix(a, "--property=")
		name, value, _ := strings.Cut(property, "=")
		switch name {
		case "User", "Group", "WorkingDirectory", "EnvironmentFile":
		default:
			return fmt.Errorf("argument %q is not allowed", name)
		}
		if a[0] != '-' || value == "" {
			return fmt.Errorf("argument %q is not a property", name)
		}
	}
	return nil
}

// isImport tells `import a.b_c` from any other program text.
func isImport(program string) bool {
	module, ok := strings.CutPrefix(program, "import ")
	return ok && module != "" && strings.Trim(module, letters+"0123456789_.") == ""
}
