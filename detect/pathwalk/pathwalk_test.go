package pathwalk

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// tree makes directories ("d/"), links ("l -> target") and files below a new root.
func tree(t *testing.T, entries ...string) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, e := range entries {
		name, target, link := strings.Cut(e, " -> ")
		full := filepath.Join(root, name)
		var err error
		switch {
		case link:
			err = os.Symlink(target, full)
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(full, 0o755)
		default:
			err = os.WriteFile(full, nil, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestWalk(t *testing.T) {
	root := tree(t, "run/app/", "run/app/s", "var/", "var/run -> /run", "var/rel -> ../run/app", "last -> /run/app/s", "loop -> loop", "out -> ../../../../etc")
	for _, c := range []struct {
		path string
		want string // path=real(link)…
		err  error
	}{
		{"/run/app/s", "/ /run /run/app /run/app/s", nil},
		{"//run/./app/s", "/ /run /run/app /run/app/s", nil},
		{"/run/app/none/x", "/ /run /run/app /run/app/none", unix.ENOENT},
		{"/run/app/s/x", "/ /run /run/app /run/app/s /run/app/s/x", unix.ENOTDIR},
		{"/var/run/app/s", "/ /var /var/run(/run) /run /var/run/app=/run/app /var/run/app/s=/run/app/s", nil},
		{"/var/rel/s", "/ /var /var/rel(../run/app) /run /run/app /var/rel/s=/run/app/s", nil},
		{"/last", "/ /last(/run/app/s) /run /run/app /run/app/s", nil},
		{"/loop", "", unix.ELOOP},
		{"/out", "/ /out(../../../../etc) /etc", unix.ENOENT}, // never above the root
		{"/", "/", nil},
	} {
		t.Run(c.path, func(t *testing.T) {
			var got []string
			var err error
			Walk(root, c.path, func(s Step) bool {
				text := s.Path
				if s.Real != s.Path {
					text += "=" + s.Real
				}
				if s.Link != "" {
					text += "(" + s.Link + ")"
				}
				got, err = append(got, text), s.Err
				return true
			})
			if !errors.Is(err, c.err) || (c.want != "" && !slices.Equal(got, strings.Fields(c.want))) {
				t.Errorf("got %v, %v", got, err)
			}
			if len(got) > 50 {
				t.Errorf("%d steps", len(got))
			}
		})
	}
}

func TestWalkStopsWhenTold(t *testing.T) {
	n := 0
	Walk("", "/proc/self/root/proc", func(Step) bool { n++; return n < 2 })
	if n != 2 {
		t.Errorf("%d steps", n)
	}
}
