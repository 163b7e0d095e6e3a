package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/config"
)

// What is in force is worth a line only where it is not what is on the disk.
func TestInForce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gatemend.yaml")
	write := func(text string) string {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return config.Hash([]byte(text))
	}
	says := func(f *inForce, want ...string) {
		t.Helper()
		var b strings.Builder
		(&options{out: &b}).sheet(0).config(f.now())
		for _, w := range want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("it does not say %q: %q", w, b.String())
			}
		}
		if len(want) == 0 && b.Len() > 0 {
			t.Errorf("it says %q", b.String())
		}
	}
	f := &inForce{Path: path, Hash: write("mode: act\n"), Since: 1}
	says(f)
	bad := write("mode: acct\n")
	says(f, "was edited and is not in force: systemctl reload gatemend")
	f = f.refused(agent.Reloaded{At: 2, After: bad, Refused: []string{"gatemend.yaml:1: one", "gatemend.yaml:2: two"}})
	says(f, "was refused", "gatemend.yaml:1: one", "gatemend.yaml:2: two")
	if f.now().Edited {
		t.Error("what was refused is also said to wait")
	}
	write("mode: dry-run\n")
	says(f, "was refused", "was edited")
}

// The problems of a configuration are told one by one, without what surrounds them.
func TestReasons(t *testing.T) {
	ps := config.Problems{{File: "f", Line: 1, Message: "wrong", Excerpt: "1 | x"}, {File: "f", Line: 2, Message: "bad", Write: "good"}}
	for name, err := range map[string]error{
		"problems": usage(fmt.Errorf("%w\ngatemend: 2 problems", ps)), "one": errors.New("no such file"),
	} {
		want := []string{"no such file"}
		if name == "problems" {
			want = []string{"f:1: wrong", "f:2: bad; write good"}
		}
		if got := reasons(err); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
