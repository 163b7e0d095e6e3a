package config

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// World is the machine that a configuration is checked against.
type World interface {
	// Unit gives a unit's state; Load is "not-found" where there is none.
	Unit(ctx context.Context, name string) (*detect.Unit, error)
	// PathKind is detect.PathPart's Kind of a path, links not followed.
	PathKind(path string) string
	// Program is why a program cannot be run, "" when it can.
	Program(path string) string
}

// Check finds what the file names and the machine does not have. A problem marked Outage may
// be the outage itself. The error is for a machine that could not be asked.
func Check(ctx context.Context, c *Config, w World) (Problems, error) {
	k := &checker{reader: reader{file: c.Path, lines: strings.Split(c.text, "\n")}, c: c, w: w}
	for _, s := range c.Sites {
		k.site = s.Name
		for i, route := range s.Routes {
			if err := k.route(ctx, placeName(s.Name, i), route); err != nil {
				return nil, err
			}
		}
	}
	k.channels()
	return k.problems, nil
}

type checker struct {
	reader
	c    *Config
	w    World
	site string // the one that is being checked
}

func (k *checker) route(ctx context.Context, at string, route detect.Route) error {
	var unit *detect.Unit
	for _, name := range []struct{ key, unit string }{{"unit", route.Unit}, {"socket", route.Socket}} {
		if name.unit == "" {
			continue
		}
		u, err := k.w.Unit(ctx, name.unit)
		if err != nil {
			return fmt.Errorf("cannot check %s: %w", name.unit, err)
		}
		if u == nil || u.Load == "not-found" {
			// One that was there when the site was well has vanished since: a fault to be told, no slip of the file.
			k.found(at+name.key, true, "the name as `systemctl list-unit-files` shows it", "%s does not exist on this machine", name.unit)
			continue
		}
		if u.AliasOf != "" {
			k.found(at+name.key, false, u.AliasOf, "%s is another name of %s", name.unit, u.AliasOf)
		}
		if name.key == "unit" {
			unit = u
		}
	}
	k.target(at+"target", route, unit)
	return nil
}

// target: what is in the way of a socket is wrong at any time; that nothing is there yet may
// be the outage. A unit that says where it listens tells a misspelt target from both.
func (k *checker) target(at string, route detect.Route, unit *detect.Unit) {
	if unit != nil && len(unit.Binds) > 0 && route.Socket == "" && !slices.ContainsFunc(unit.Binds, func(b detect.Target) bool { return route.Target.Reaches(b) }) {
		k.found(at, true, unit.Binds[0].String(), "%s listens on %s, not on %s", unit.Name, joined(unit.Binds), route.Target)
		return
	}
	if !route.Target.IsUnix() {
		return
	}
	switch kind := k.w.PathKind(route.Target.Address); kind {
	case "socket", "link", "":
	case "missing":
		k.found(at, true, "the path that gunicorn binds, if it is another", "there is no socket %s", route.Target.Address)
	default:
		k.found(at, false, "the path that gunicorn binds", "%s is a %s, not a socket", route.Target.Address, kind)
	}
}

// channels: a message that nobody takes waits, and the sites are looked after all the same.
func (k *checker) channels() {
	tell := func(n Notify, write, format string, args ...any) {
		p := k.problem(n.at.line, n.at.column, write, fmt.Sprintf(format, args...))
		p.Telling = true
		k.problems = append(k.problems, p)
	}
	for _, n := range k.c.Notify {
		if len(n.Command) > 0 {
			if why := k.w.Program(n.Command[0]); why != "" {
				tell(n, "the path of a program", "%s cannot be run: %s", n.Command[0], why)
			}
		} else if _, err := n.Address().Read(); err != nil {
			tell(n, "", "%s", err)
		}
	}
}

func (k *checker) found(at string, outage bool, write, format string, args ...any) {
	p := k.c.places[at]
	problem := k.problem(p.line, p.column, write, fmt.Sprintf(format, args...))
	problem.Outage, problem.Site = outage, k.site
	k.problems = append(k.problems, problem)
}

func joined(ts []detect.Target) string {
	names := make([]string, len(ts))
	for i, t := range ts {
		names[i] = t.String()
	}
	return strings.Join(names, ", ")
}
