package machine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// needs are the host's programs, and the Debian packages that bring them.
var needs = []struct{ program, pkg string }{
	{"debootstrap", "debootstrap"},
	{"systemd-nspawn", "systemd-container"},
	{"nsenter", "util-linux"},
	{"mount", "mount"},
}

// checkHost says at once, and all at once, what this host lacks. It refuses rather than skips: a suite
// that quietly tests nothing is worse than one that does not run.
func checkHost() error {
	var errs []error
	if os.Geteuid() != 0 {
		errs = append(errs, fmt.Errorf("cannot boot a machine as uid %d: namespaces, mounts and control groups need root (run: sudo make test)", os.Geteuid()))
	}
	for _, n := range needs {
		if _, err := exec.LookPath(n.program); err != nil {
			errs = append(errs, fmt.Errorf("cannot boot a machine without %q: %w (run: apt-get install %s)", n.program, err, n.pkg))
		}
	}
	return errors.Join(errs...)
}
