package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/evidence"
)

const (
	readme    = "../../../README.md"
	tableFrom = "<!-- causes: go test ./detect/diagnose/corpus -run TestCauseTable -update -->\n"
	tableTo   = "<!-- end of causes -->\n"
)

// notHere are the causes that no machine of the tests can produce.
var notHere = map[detect.Cause]string{
	detect.MACDenied: "none: SELinux and AppArmor do not run in the test machines",
}

// TestCauseTable holds the README's table to what is there: the rule that names each cause, the documents that
// it is held to, and the tests that produce it on real machines.
func TestCauseTable(t *testing.T) {
	documents, rules := documented(t)
	live := produced(t)
	var b strings.Builder
	b.WriteString("| cause | rule (in detect/diagnose) | documents (in examples/incidents) | produced live by (in agent/e2e) |\n|---|---|---|---|\n")
	for _, i := range detect.Catalogue {
		tests := strings.Join(live[i.Cause], ", ")
		switch why := notHere[i.Cause]; {
		case why != "" && tests != "":
			t.Errorf("%s is said not to be produced, and %s does", i.Cause, tests)
		case why == "" && tests == "":
			t.Errorf("no end-to-end test produces %s", i.Cause)
		case why != "":
			tests = why
		}
		if len(documents[i.Cause]) == 0 {
			t.Errorf("no document is about %s", i.Cause)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", i.Cause, strings.Join(rules[i.Cause], ", "), short(string(i.Cause), documents[i.Cause]), tests)
	}
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), tableFrom)
	was, after, ends := strings.Cut(rest, tableTo)
	if !begins || !ends {
		t.Fatalf("the README has no table between %q and %q", tableFrom, tableTo)
	}
	if *update {
		if err := os.WriteFile(readme, []byte(before+tableFrom+b.String()+tableTo+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if was != b.String() {
		t.Error("the README's table of causes is stale: run this test with -update")
	}
}

// short writes the documents that bear the cause's name as one pattern.
func short(cause string, names []string) string {
	var own int
	var list []string
	for _, n := range names {
		if n == cause || strings.HasPrefix(n, cause+"-") {
			own++
			continue
		}
		list = append(list, n)
	}
	if own > 0 {
		list = append([]string{fmt.Sprintf("%s*.json (%d)", cause, own)}, list...)
	}
	return strings.Join(list, ", ")
}

// documented lists, for each cause, the documents that expect it and the rules that name it there.
func documented(t *testing.T) (documents, rules map[detect.Cause][]string) {
	t.Helper()
	documents, rules = map[detect.Cause][]string{}, map[detect.Cause][]string{}
	files, _ := filepath.Glob("../../../examples/incidents/*.json")
	placed := ruleFiles(t)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want expected
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		f, err := evidence.Read(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		c := want.Expect.Cause
		documents[c] = append(documents[c], strings.TrimSuffix(filepath.Base(file), ".json"))
		for _, s := range diagnose.Diagnose(f).Trace {
			name := s.Rule + " (" + placed[s.Rule] + ")"
			if s.Held && strings.HasPrefix(s.Why, string(c)+": ") && placed[s.Rule] != "" && !slices.Contains(rules[c], name) {
				rules[c] = append(rules[c], name)
			}
		}
	}
	rules[detect.Unknown] = []string{"no rule held (diagnose.go)"}
	return documents, rules
}

// ruleFiles gives each rule of the table in rules.go the file that its function is in.
func ruleFiles(t *testing.T) map[string]string {
	t.Helper()
	in, placed := map[string]string{}, map[string]string{}
	var table *ast.File
	for file, tree := range parsed(t, "../*.go") {
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				in[f.Name.Name] = filepath.Base(file)
			}
		}
		if filepath.Base(file) == "rules.go" {
			table = tree
		}
	}
	ast.Inspect(table, func(n ast.Node) bool {
		if r, ok := n.(*ast.CompositeLit); ok && len(r.Elts) == 2 {
			name, isText := r.Elts[0].(*ast.BasicLit)
			look, isFunc := r.Elts[1].(*ast.Ident)
			if isText && isFunc {
				text, _ := strconv.Unquote(name.Value)
				placed[text] = in[look.Name]
			}
		}
		return true
	})
	return placed
}

// produced lists, for each cause, the end-to-end tests whose code or tables name it.
func produced(t *testing.T) map[detect.Cause][]string {
	t.Helper()
	causes := labels(t)
	named := map[string][]string{} // a declaration → what it refers to: other declarations, and causes as detect.X
	for _, tree := range parsed(t, "../../../agent/e2e/*_test.go") {
		for _, d := range tree.Decls {
			for name, body := range declared(d) {
				named[name] = append(named[name], references(body)...)
			}
		}
	}
	out := map[detect.Cause][]string{}
	for name := range named {
		if !strings.HasPrefix(name, "Test") {
			continue
		}
		for _, ref := range reached(named, name) {
			if c, ok := causes[ref]; ok && !slices.Contains(out[c], name) {
				out[c] = append(out[c], name)
			}
		}
	}
	for _, tests := range out {
		slices.Sort(tests)
	}
	return out
}

// declared are the names that a declaration gives, with what they stand for. Methods are left out: what a
// helper of all tests knows of causes is none of its callers' business.
func declared(d ast.Decl) map[string]ast.Node {
	out := map[string]ast.Node{}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Body != nil {
			out[d.Name.Name] = d.Body
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR {
				out[v.Names[0].Name] = v
			}
		}
	}
	return out
}

func references(n ast.Node) (names []string) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if p, ok := n.X.(*ast.Ident); ok && p.Name == "detect" {
				names = append(names, "detect."+n.Sel.Name)
			}
			names = append(names, references(n.X)...)
			return false // what is selected is a field or a method
		case *ast.KeyValueExpr:
			if _, field := n.Key.(*ast.Ident); field {
				names = append(names, references(n.Value)...)
				return false
			}
		case *ast.Ident:
			names = append(names, n.Name)
		}
		return true
	})
	return names
}

func reached(named map[string][]string, from string) (all []string) {
	seen := map[string]bool{}
	var visit func(string)
	visit = func(name string) {
		if seen[name] || name != from && strings.HasPrefix(name, "Test") {
			return
		}
		seen[name] = true
		all = append(all, name)
		for _, n := range named[name] {
			visit(n)
		}
	}
	visit(from)
	return all
}

// labels are the constants of detect's causes.
func labels(t *testing.T) map[string]detect.Cause {
	t.Helper()
	out := map[string]detect.Cause{}
	for _, tree := range parsed(t, "../../cause.go") {
		ast.Inspect(tree, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
				if lit, ok := v.Values[0].(*ast.BasicLit); ok {
					text, _ := strconv.Unquote(lit.Value)
					out["detect."+v.Names[0].Name] = detect.Cause(text)
				}
			}
			return true
		})
	}
	return out
}

func parsed(t *testing.T, pattern string) map[string]*ast.File {
	t.Helper()
	files, _ := filepath.Glob(pattern)
	out := map[string]*ast.File{}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out[file] = tree
	}
	return out
}
