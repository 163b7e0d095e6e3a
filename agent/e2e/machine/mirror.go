package machine

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// defaultMirror serves a host that is not Debian itself, such as a CI runner on Ubuntu.
const defaultMirror = "http://deb.debian.org/debian"

// mirrorEnv names a mirror where the host's own setting is not the right one.
const mirrorEnv = "GATEMEND_E2E_MIRROR"

// aptURI finds where packages come from, in both forms of apt's sources: "deb [opts] URI suite ..."
// and "URIs: URI".
var aptURI = regexp.MustCompile(`(?m)^(?:deb\s+(?:\[[^\]]*\]\s+)?|URIs:\s*)(https?://\S+)`)

// mirror is where debootstrap downloads from: what the person named, else what this host's apt uses,
// because a host behind a wall reaches that one and perhaps no other.
func mirror() string {
	if m := os.Getenv(mirrorEnv); m != "" {
		return m
	}
	lists, _ := filepath.Glob("/etc/apt/sources.list.d/*")
	for _, path := range append(lists, "/etc/apt/sources.list") {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if m := debianURI(string(text)); m != "" {
			return m
		}
	}
	return defaultMirror
}

// debianURI is the first Debian archive in an apt source. The security archive is another tree, which
// debootstrap cannot start from.
func debianURI(sources string) string {
	for _, match := range aptURI.FindAllStringSubmatch(sources, -1) {
		uri := strings.TrimRight(match[1], "/")
		if strings.HasSuffix(uri, "/debian") {
			return uri
		}
	}
	return ""
}

// proxyEnv passes the proxy that apt is configured with on to debootstrap, which only knows the
// environment.
func proxyEnv(ctx context.Context) []string {
	out, err := exec.CommandContext(ctx, "apt-config", "shell", "proxy", "Acquire::http::Proxy").Output()
	if err != nil {
		return nil // no apt here: the environment is all there is
	}
	proxy := strings.Trim(strings.TrimPrefix(strings.TrimSpace(string(out)), "proxy="), `'"`)
	if proxy == "" || proxy == "DIRECT" {
		return nil
	}
	return []string{"http_proxy=" + proxy}
}
