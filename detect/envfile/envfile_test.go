package envfile

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	values := map[string]string{"KEPT": "1", "B": "old"}
	Parse("# A=comment\n;C=comment\nB = 2 \nexport D=3\nE='x y'\nF=\"z\"\r\nG=a\\\nb\nnothing\n=4\npass word=5\n", values)
	for name, want := range map[string]string{"KEPT": "1", "B": "2", "E": "x y", "F": "z", "G": "ab"} {
		if values[name] != want {
			t.Errorf("%s=%q, want %q", name, values[name], want)
		}
	}
	if got := Names(values); !slices.Equal(got, []string{"B", "E", "F", "G", "KEPT"}) {
		t.Errorf("names %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("A=1\n# c\nexport B=2\nC='x y'\\\n\"")
	f.Add("=\r\n \t=;\n\x00=")
	f.Fuzz(func(t *testing.T, text string) {
		values := map[string]string{}
		Parse(text, values)
		for name := range values {
			if strings.ContainsAny(name, " \t\n=") {
				t.Errorf("%q is taken for a name", name)
			}
		}
		for _, name := range Names(values) {
			if !wellFormed.MatchString(name) {
				t.Errorf("%q is shown", name)
			}
		}
	})
}
