package machine

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"strings"
)

// Suite names a Debian release that a machine can run.
type Suite string

// The releases that the end-to-end tests are written for: they differ in the versions of nginx, gunicorn
// and systemd, and with them in log lines, exit codes and start-up behaviour.
const (
	Bookworm Suite = "bookworm" // nginx 1.22, gunicorn 20.1, systemd 252
	Trixie   Suite = "trixie"   // nginx 1.26, gunicorn 23.0, systemd 257
)

// Suites is every release, for what is done on each.
var Suites = []Suite{Bookworm, Trixie}

//go:embed build.sh
var buildScript string

// packages are what a small VPS with this stack has, and what the tests break it with: openssl makes
// certificates, sudo leaves the trace of who did it, logrotate rotates the logs.
// libpam-systemd brings login sessions, which the agent asks about before it undoes a person's stop.
var packages = []string{
	"systemd", "systemd-sysv", "dbus", "libpam-systemd", "nginx-light", "gunicorn", "python3-flask",
	"procps", "iproute2", "curl", "ca-certificates", "openssl", "sudo", "logrotate", "less",
}

// recipe is everything that decides what is in an image. The mirror is not: it changes where a
// package comes from, not what it is.
type recipe struct {
	suite    Suite
	packages []string
	script   string
}

func recipeFor(s Suite) recipe {
	return recipe{suite: s, packages: packages, script: buildScript}
}

// name is the image's directory in the cache. The hash makes a changed recipe a new image,
// so that nobody tests on yesterday's.
func (r recipe) name() string {
	h := sha256.Sum256([]byte(strings.Join([]string{string(r.suite), r.include(), r.script}, "\n")))
	return string(r.suite) + "-" + hex.EncodeToString(h[:6])
}

func (r recipe) include() string { return strings.Join(r.packages, ",") }
