package command

import (
	"slices"
	"strings"
	"testing"
)

func TestAssignmentsAsSystemctlShowsThem(t *testing.T) {
	got, err := assignments(`A=1 "B=two words \"and\" \$more" C= =x 9D=1 PATH=/a:/b` + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"A=1", `B=two words "and" $more`, "C=", "PATH=/a:/b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := assignments(`A="`); err == nil {
		t.Error("half a word is read")
	}
}

func TestSecretsThatTheAppPrintsAreMasked(t *testing.T) {
	env := []string{"SECRET_KEY=hunter2!", "PYTHONPATH=/srv/shop", "DATABASE_URL=postgres://u:p@h/d", "API_KEY=abc"}
	got := string(masked([]byte("key hunter2! at /srv/shop/app.py for postgres://u:p@h/d abc"), env))
	if want := "key [SECRET_KEY] at /srv/shop/app.py for [DATABASE_URL] abc"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestImportLetsNothingElsePass(t *testing.T) {
	ok := []string{"--setenv=A=b c", "--property=User=shop", "/usr/bin/python3", "-c", "import a.b_c"}
	if err := importArgs(ok); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]string{
		{"/usr/bin/python3", "-c", "import os; os.system('x')"}, {"python3", "-c", "import a"}, {"/usr/bin/python3", "-m", "import a"},
		{"--property=ExecStartPre=/bin/x", "/usr/bin/python3", "-c", "import a"}, {"--setenv=A", "/usr/bin/python3", "-c", "import a"},
		{"--uid=0", "/usr/bin/python3", "-c", "import a"}, {"--property=User=", "/usr/bin/python3", "-c", "import a"}, {"-c", "import a"},
	} {
		if importArgs(bad) == nil {
			t.Errorf("%q may pass", strings.Join(bad, " "))
		}
	}
}

// What is refused is told by its name: a value of the environment is in no error.
func TestNoValueInARefusal(t *testing.T) {
	err := importArgs([]string{"--setenv=9BAD=hunter2", "/usr/bin/python3", "-c", "import a"})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}
