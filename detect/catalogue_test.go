package detect_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// Every constant of cause.go is in the catalogue exactly once, and complete.
func TestCatalogueIsComplete(t *testing.T) {
	seen := map[detect.Cause]int{}
	for _, i := range detect.Catalogue {
		seen[i.Cause]++
		if i.Title == "" || i.Meaning == "" || i.Seen == "" || i.Mend == "" {
			t.Errorf("%s: a text is missing", i.Cause)
		}
	}
	declared := declaredCauses(t)
	if len(declared) != len(seen) {
		t.Errorf("%d constants, %d in the catalogue", len(declared), len(seen))
	}
	for _, c := range declared {
		if seen[c] != 1 {
			t.Errorf("%s is in the catalogue %d times", c, seen[c])
		}
	}
}

func declaredCauses(t *testing.T) []detect.Cause {
	file, err := parser.ParseFile(token.NewFileSet(), "cause.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []detect.Cause
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			s, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, detect.Cause(s))
		}
		return true
	})
	return out
}

// An explanation that leads back to itself would leave no primary cause.
func TestExplanationsHaveNoCircle(t *testing.T) {
	for _, i := range detect.Catalogue {
		if path := circle(i.Cause, nil); path != nil {
			t.Errorf("circle: %v", path)
		}
	}
}

func circle(c detect.Cause, path []detect.Cause) []detect.Cause {
	for _, p := range path {
		if p == c {
			return append(path, c)
		}
	}
	info, _ := detect.Info(c)
	for _, by := range info.ExplainedBy {
		if found := circle(by, append(path, c)); found != nil {
			return found
		}
	}
	return nil
}
