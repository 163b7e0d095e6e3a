package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/gatemend/gatemend"

// allowed is the import table: which of our packages each package may import. Data flows
// detect → policy → remediate → agent, and never back. "+" behind a name allows its subpackages.
var allowed = map[string][]string{
	".":                       {"agent/cli"},
	"detect":                  {},
	"detect/nginxlog":         {"detect", "detect/plain"},
	"detect/nginxconf":        {"detect"},
	"detect/command":          {},
	"detect/journal":          {"detect", "detect/command"},
	"detect/gunicorn":         {"detect"},
	"detect/envfile":          {},
	"detect/unit":             {"detect", "detect/gunicorn", "detect/command", "detect/envfile", "detect/pulse"},
	"detect/pathwalk":         {},
	"detect/fault":            {}, // where tests end or freeze the agent: empty in what is shipped
	"detect/pulse":            {"detect/fault"},
	"detect/watch":            {"detect", "detect/pathwalk", "detect/pulse"},
	"detect/tail":             {"detect", "detect/watch", "detect/pulse"},
	"detect/logs":             {"detect", "detect/watch", "detect/tail", "detect/nginxlog", "detect/signature", "detect/probe"},
	"detect/sock":             {"detect", "detect/watch", "detect/proc", "detect/pathwalk", "detect/pulse"},
	"detect/proc":             {"detect"},
	"detect/hostinfo":         {"detect"},
	"detect/probe":            {"detect"},
	"detect/packages":         {"detect"},
	"detect/wire":             {},
	"detect/look":             {"detect", "detect/wire", "detect/command", "detect/envfile", "detect/sock", "detect/proc", "detect/hostinfo", "detect/nginxconf"}, // all that only root can see
	"detect/signature":        {"detect", "detect/journal", "detect/nginxlog", "detect/plain"},
	"detect/evidence":         {"detect", "detect/nginxlog", "detect/nginxconf", "detect/signature", "detect/gunicorn"},
	"detect/diagnose":         {"detect"},
	"detect/diagnose/corpus":  {"detect+", "policy"},
	"detect/collect":          {"detect+"},
	"detect/discover":         {"detect+", "policy"}, // policy: the deny list, so that init never offers what act refuses
	"policy":                  {"detect"},
	"remediate/durable":       {},
	"remediate/hold":          {"detect", "detect/proc", "policy", "remediate/durable"},                // detect/proc: the clock of this boot
	"remediate":               {"detect", "detect/wire", "policy"},                                     // wire: a request is one line of it
	"remediate/ledger":        {"detect", "policy", "remediate", "remediate/durable"},                  // remediate: it is a journal, so that what it refuses is not done
	"remediate/host":          {"detect", "detect/command", "policy", "remediate", "remediate/ledger"}, // remediate: the closed set of verbs it implements
	"remediate/ask":           {"detect/wire", "remediate"},
	"remediate/serve":         {"detect", "detect/wire", "remediate", "remediate/ask"}, // ask: what it answers
	"remediate/verify":        {"detect", "detect/probe", "policy"},                    // policy: Verdict is its word
	"agent":                   {"agent/config", "detect", "detect/diagnose", "detect/pulse", "policy"},
	"agent/config":            {"detect", "policy"},
	"agent/journald":          {},
	"agent/audit":             {"agent/journald", "detect", "detect/fault", "detect/proc", "policy", "remediate/durable"}, // detect/proc: the clock of this boot
	"agent/baseline":          {"detect", "detect/fault", "remediate/durable"},
	"agent/plans":             {"detect", "policy", "remediate/durable"},
	"agent/notify":            {"agent/journald", "detect", "detect/pulse", "policy", "remediate/durable"},
	"agent/status":            {"detect", "detect/fault", "detect/wire", "policy", "agent/audit"},
	"agent/cli":               {"detect+", "policy", "remediate+", "agent+", "examples"},
	"agent/e2e":               {"detect+", "policy", "remediate+", "agent+", "examples"},
	"agent/e2e/machine":       {"examples"},
	"agent/e2e/machine/image": {"agent/e2e/machine"},
	"agent/e2e/demo":          {"agent/e2e/machine", "examples"},
	"agent/e2e/bench":         {"agent/e2e/machine", "examples"},
	"agent/e2e/bench/flood":   {"detect", "detect/nginxlog"}, // the only comparison with a program of the system: grep
	"examples":                {},
}

// bans are dangerous imports with their owners. Tests are held to the import table only.
var bans = []struct {
	path, why string
	owners    []string
}{
	{"os/exec", "programs are run through one allow-list", []string{"detect/command", "agent/notify", "agent/e2e+"}},
	{"github.com/coreos/go-systemd/v22/dbus", "one reader and one writer of D-Bus", []string{"detect/unit", "remediate/host", "agent/e2e+"}},
	{"github.com/godbus/dbus/v5", "one reader and one writer of D-Bus", []string{"detect/unit", "remediate/host", "agent/e2e+"}},
	{"net/http", "only those who ask or answer over HTTP", []string{"detect/probe", "remediate/verify", "agent/notify", "agent/status", "agent/e2e+"}},
	{"log/slog", "detect and policy return, they do not log", []string{"agent+", "remediate+"}},
	{"log", "there is one logger, and it is slog", nil},
	{"go.yaml.in/yaml/v4", "one place reads configuration", []string{"agent/config"}},
	{"github.com/fsnotify/fsnotify", "one inotify instance for the process (max_user_instances is 128)", []string{"detect/watch"}},
}

// calls are functions that only their owners may call.
var calls = []struct {
	call, why string
	owners    []string
}{
	{"os.Exit(", "only main ends the process", []string{".", "agent/e2e+", "detect/diagnose/corpus"}},
	{"time.Now(", "policy and diagnosis are pure", []string{".", "agent+", "remediate+", "detect+!policy,detect/diagnose"}},
	{"os.Chmod(", "only remediate/host changes modes of what is not ours", ours},
	{"os.Chown(", "only remediate/host changes owners of what is not ours", ours},
	{"os.Rename(", "one piece replaces files, whole or not at all", []string{"remediate/durable", "agent/notify", "agent/e2e+"}}, // notify sets aside what it cannot read
	{"os.Remove(", "only remediate/host and the agent's own state", ours},
	{"os.RemoveAll(", "only throw-away machines", []string{"agent/e2e+"}},
	{"unix.Kill(", "processes are ended through systemd only", []string{"agent/e2e+"}},
	{"syscall.Kill(", "processes are ended through systemd only", []string{"detect/command", "agent/notify", "agent/e2e+"}}, // their own children
}

// ours may remove files: the one writer of the machine, and the keepers of the agent's own state.
var ours = []string{"remediate/host", "remediate/durable", "remediate/hold", "remediate/ledger", "detect/fault", "agent/audit", "agent/baseline", "agent/notify", "agent/plans", "agent/status", "agent/cli", "agent/e2e+"}

func TestImportTable(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, imp := range f.imports {
			rel, ok := strings.CutPrefix(imp, module+"/")
			if !ok {
				continue
			}
			list, known := allowed[f.pkg]
			switch {
			case !known:
				t.Errorf("%s: package %q is not in the import table: add it with what it owns", f.path, f.pkg)
			case f.test && strings.HasPrefix(rel, "examples"), f.test && rel == "agent/e2e/machine":
			case f.test && f.pkg == "agent" && rel == "agent/audit": // restraint is proven over the real record
			case rel != f.pkg && !owned(list, rel):
				t.Errorf("%s: %s may not import %s (data flows detect → policy → remediate → agent)", f.path, f.pkg, rel)
			}
		}
	}
}

func TestDangerousImportsHaveOwners(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, ban := range bans {
			if !f.test && slices.Contains(f.imports, ban.path) && !owned(ban.owners, f.pkg) {
				t.Errorf("%s imports %s: %s (owners: %v)", f.path, ban.path, ban.why, ban.owners)
			}
		}
	}
}

func TestDangerousCallsHaveOwners(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, c := range calls {
			if !f.test && strings.Contains(f.code, c.call) && !owned(c.owners, f.pkg) {
				t.Errorf("%s calls %s…): %s (owners: %v)", f.path, c.call, c.why, c.owners)
			}
		}
	}
}

// TestTopLevelFolders keeps the first look at the project short.
func TestTopLevelFolders(t *testing.T) {
	want := []string{".ci", ".git", "_artifacts", "agent", "detect", "dist", "examples", "policy", "remediate"}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(want, e.Name()) {
			t.Errorf("folder %q: the top level holds %v and nothing else", e.Name(), want)
		}
	}
}

// TestFilesStaySmall holds the sizes that make a file readable: median under 150 lines, none over 400.
func TestFilesStaySmall(t *testing.T) {
	var sizes []int
	for _, f := range goFiles(t) {
		n := strings.Count(f.code, "\n")
		if n > 400 {
			t.Errorf("%s has %d lines, more than 400: split it by idea", f.path, n)
		}
		if !f.test {
			sizes = append(sizes, n)
		}
	}
	slices.Sort(sizes)
	if median := sizes[len(sizes)/2]; median >= 150 {
		t.Errorf("the median file has %d lines, want under 150", median)
	}
}

type goFile struct {
	path, pkg, code string
	test            bool
	imports         []string
}

func goFiles(t *testing.T) (files []goFile) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "dist") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			files = append(files, readGo(t, path))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readGo(t *testing.T, path string) goFile {
	t.Helper()
	code, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ast, err := parser.ParseFile(token.NewFileSet(), path, code, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	f := goFile{path: path, pkg: filepath.ToSlash(filepath.Dir(path)), code: string(code), test: strings.HasSuffix(path, "_test.go")}
	for _, i := range ast.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		f.imports = append(f.imports, p)
	}
	return f
}

// owned tells whether pkg is in the list; "x+" also means x's subpackages, and "x+!a,b" all but a and b.
func owned(list []string, pkg string) bool {
	for _, entry := range list {
		entry, except, _ := strings.Cut(entry, "!")
		if slices.Contains(strings.Split(except, ","), pkg) {
			continue
		}
		tree, whole := strings.CutSuffix(entry, "+")
		if pkg == entry || whole && (pkg == tree || strings.HasPrefix(pkg, tree+"/")) {
			return true
		}
	}
	return false
}
