package config

import (
	"fmt"

	"github.com/gatemend/gatemend/detect"
)

// unitAt is the unit that a target was first given to, and where.
type unitAt struct {
	unit string
	line int
}

func (r *reader) routes(n *node, site string, c *Config) []detect.Route {
	if n.kind == empty {
		return nil
	}
	if n.kind != list {
		r.wrong(n, "- path: /, with a dash in front", "routes must be a list, but is %s", n.kind)
		return nil
	}
	var out []detect.Route
	seen := map[string]int{}
	for i, item := range n.items {
		route := r.route(item, placeName(site, i), c)
		if first, twice := seen[route.Path]; twice {
			r.wrong(item, "one route for each path", "path %s is routed twice in site %s, first in line %d", route.Path, site, first)
		}
		seen[route.Path] = item.line
		out = append(out, route)
	}
	return out
}

func (r *reader) route(n *node, at string, c *Config) detect.Route {
	route := detect.Route{Path: "/", Manage: detect.ManageAct}
	set := map[string]*node{}
	note := func(name string, n *node) {
		set[name] = n
		c.places[at+name] = place{n.line, n.column}
	}
	r.group(n, "this route",
		field{"path", func(n *node) { route.Path, _ = r.urlPath(n, "path") }},
		field{"target", func(n *node) { note("target", n); route.Target = r.target(n) }},
		field{"unit", func(n *node) { note("unit", n); route.Unit = r.unit(n, "unit", ".service") }},
		field{"socket", func(n *node) { note("socket", n); route.Socket = r.unit(n, "socket", ".socket") }},
		field{"manage", func(n *node) {
			note("manage", n)
			word(r, n, "manage", &route.Manage, detect.ManageAct, detect.ManageAsk, detect.ManageObserve)
		}},
		field{"reason", func(n *node) { route.Reason, _ = r.text(n, "reason") }},
		field{"also", func(n *node) { route.Also = r.also(n) }},
	)
	r.complete(n, &route, set)
	return route
}

// complete checks what one key of a route means for another.
func (r *reader) complete(n *node, route *detect.Route, set map[string]*node) {
	if n.kind != mapping && n.kind != empty { // which was said; a lone dash was not
		return
	}
	if set["target"] == nil {
		r.wrong(n, "target: unix:/run/shop/shop.sock or target: 127.0.0.1:8000", "this route has no target")
	}
	if set["unit"] == nil && route.Manage != detect.ManageObserve {
		if set["manage"] != nil {
			r.wrong(set["manage"], "unit: and its name, or manage: observe", "a route without a unit cannot be managed")
			return
		}
		r.wrong(n, "unit: and its name, or manage: observe", "this route has no unit")
	}
}

// oneUnitPerTarget: two sites may share an app, but a target has one unit behind it.
func (r *reader) oneUnitPerTarget(s detect.Site, c *Config, owners map[string]unitAt) {
	for i, route := range s.Routes {
		at := c.places[placeName(s.Name, i)+"unit"]
		if route.Unit == "" || !route.Target.Known() {
			continue
		}
		first, taken := owners[route.Target.String()]
		if !taken {
			owners[route.Target.String()] = unitAt{route.Unit, at.line}
			continue
		}
		if first.unit != route.Unit {
			r.problems = append(r.problems, r.problem(at.line, at.column, "the one that listens there in both",
				fmt.Sprintf("%s has two units: %s here, %s in line %d", route.Target, route.Unit, first.unit, first.line)))
		}
	}
}

func placeName(site string, route int) string { return fmt.Sprintf("%s/%d/", site, route) }
