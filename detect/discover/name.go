package discover

import (
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// unfitForName is what a site's name cannot hold.
var unfitForName = regexp.MustCompile(`[^a-zA-Z0-9._-]+`)

// name gives each site a name that a person would type: shop for shop.example.com and for
// www.shop.example.com; the whole server name where that is taken, and a number where that is, too.
func (f *finder) name() {
	var taken []string
	for i := range f.out.Sites {
		s := &f.out.Sites[i]
		for _, name := range candidates(*s) {
			if !slices.Contains(taken, name) {
				s.Name = name
				break
			}
		}
		taken = append(taken, s.Name)
		s.Probe.Path = probed(s.Routes)
	}
}

func candidates(s detect.Site) []string {
	long := bounded(s.Server)
	if s.Server == "_" {
		long = "default"
		if u := s.Routes[0].Unit; u != "" {
			long = bounded(strings.TrimSuffix(u, ".service"))
		}
	}
	out := []string{short(long), long}
	for n := 2; n < 1000; n++ {
		out = append(out, fmt.Sprintf("%s-%d", long, n))
	}
	return out
}

// short is the first label of a name that is one, www left out.
func short(name string) string {
	if net.ParseIP(name) != nil {
		return name
	}
	label, _, _ := strings.Cut(strings.TrimPrefix(name, "www."), ".")
	return label
}

func bounded(name string) string {
	name = strings.TrimLeft(unfitForName.ReplaceAllString(name, "-"), "._-")
	if name == "" {
		return "site"
	}
	return name[:min(len(name), 58)]
}

// probed is the root where it is routed, else the first route.
func probed(routes []detect.Route) string {
	for _, r := range routes {
		if r.Path == "/" {
			return "/"
		}
	}
	return routes[0].Path
}
