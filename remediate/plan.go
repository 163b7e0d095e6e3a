package remediate

import (
	"fmt"

	"github.com/gatemend/gatemend/policy"
)

// Line is one step of a preview.
type Line struct {
	Step    string   `json:"step"`    // for a person: "restart shop.service"
	Request Request  `json:"request"` // what would be asked
	Before  string   `json:"before,omitempty"`
	After   string   `json:"after,omitempty"`
	Takes   []string `json:"takes,omitempty"` // units taken along
	Cuts    string   `json:"cuts,omitempty"`  // what is interrupted
}

// Plan is what [Executor.Execute] would do for the decision; empty when it would do nothing.
// It is made of the same steps. What the action changes is shown at its last step, what it
// interrupts at the first.
func Plan(c policy.Case, d policy.Decision) []Line {
	if d.Action == nil {
		return nil
	}
	a := *d.Action
	var out []Line
	for _, r := range Steps(a) {
		out = append(out, Line{Step: describe(r, c, a), Request: r})
	}
	if len(out) == 0 {
		return nil
	}
	first, last := &out[0], &out[len(out)-1]
	first.Before, last.After = a.Before, a.After
	first.Cuts, last.Takes = a.Cuts, a.Takes
	return out
}

// describe names the thing that an effect would reach, by the facts of the case: the address
// is what is executed, the name is for the reader.
func describe(r Request, c policy.Case, a policy.Action) string {
	switch r.Verb {
	case DaemonReload:
		return "systemctl daemon-reload (for " + named(r, c, a) + ")"
	case EndLeftovers:
		return "end what is left of " + named(r, c, a) + " (SIGKILL to its control group)"
	case SetMode:
		s := fmt.Sprintf("set mode %04o", r.Mode)
		if r.Group != "" {
			s += " and group " + r.Group
		}
		return s + " on " + named(r, c, a)
	case Reload, Start:
		if r.On == OnNginx {
			return fmt.Sprintf("nginx -t, then %s %s", r.Verb, named(r, c, a))
		}
	}
	return string(r.Verb) + " " + named(r, c, a)
}

func named(r Request, c policy.Case, a policy.Action) string {
	switch {
	case r.Verb == SetMode && a.Path != "":
		return a.Path
	case r.On == OnNginx && c.Facts.Nginx != nil && c.Facts.Nginx.Unit != nil:
		return c.Facts.Nginx.Unit.Name
	case r.On == OnNginx:
		return "nginx"
	case r.On == OnSocket && c.Facts.Route.Socket != "":
		return c.Facts.Route.Socket
	case c.Facts.Route.Unit != "":
		return c.Facts.Route.Unit
	}
	return a.Unit
}
