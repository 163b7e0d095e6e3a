package discover

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// unusable says why an upstream cannot be a route's target.
func (f *finder) unusable(to detect.ProxyTo) string {
	switch {
	case to.Var || !to.Target.Known():
		return fmt.Sprintf("the target %q is only known for each request; name it by hand if it should be looked after", detect.Clean(to.Name))
	case to.Schema != "http" && to.Schema != "https":
		return fmt.Sprintf("nginx speaks %s to %s; only HTTP upstreams are looked after", to.Schema, to.Target)
	case !to.Target.Local() && len(f.listening(to.Target)) == 0:
		return fmt.Sprintf("%s is not on this host", to.Target)
	case spare(to) == 2:
		return fmt.Sprintf("%s is marked down", to.Target)
	}
	return ""
}

// spare orders servers of an upstream: in use, backup, down.
func spare(to detect.ProxyTo) int {
	flags := strings.Fields(to.Flags)
	switch {
	case slices.Contains(flags, "down"):
		return 2
	case slices.Contains(flags, "backup"):
		return 1
	}
	return 0
}

// listening are the sockets that a connect to the target arrives at.
func (f *finder) listening(t detect.Target) []detect.Listener {
	var out []detect.Listener
	for _, l := range f.listeners {
		if t.Reaches(l.Target) {
			out = append(out, l)
		}
	}
	return out
}
