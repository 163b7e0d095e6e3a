package cli

import (
	"fmt"

	"github.com/gatemend/gatemend/detect"
)

func nginxTest(f *detect.Facts) []item {
	const what = "nginx configuration"
	if n := f.Nginx; n != nil && n.Test == nil && n.Unit != nil && !n.Unit.Running() && !lacks(f, "nginx") {
		return one(unknown, what, "nginx -t is not run while nginx is down: it comes right before the start")
	}
	if f.Nginx == nil || f.Nginx.Test == nil {
		return one(unknown, what, "nginx -t was not run: %s", lacking(f, "nginx"))
	}
	switch t := f.Nginx.Test; {
	case t.OK:
		return one(good, what, "nginx -t passes")
	case t.File == "":
		return one(bad, what, "nginx -t fails: %s", t.Message)
	default:
		return one(bad, what, "nginx -t fails at %s:%d: %s", t.File, t.Line, t.Message)
	}
}

func nginxState(f *detect.Facts) []item {
	const what = "nginx"
	n := f.Nginx
	if n == nil || n.Unit == nil {
		return one(unknown, what, "state not known: %s", lacking(f, "nginx"))
	}
	seen := fmt.Sprintf("%s is %s", n.Unit.Name, state(n.Unit))
	if len(n.Workers) > 0 {
		seen += fmt.Sprintf(", %s as %s", several(len(n.Workers), "worker"), orUnknown(n.User))
	}
	l := one(when(n.Unit.Running()), what, "%s", seen)
	if n.LoadedAt != 0 && n.ChangedAt > n.LoadedAt {
		l = append(l, item{note, what, "its configuration changed at " + clock(n.ChangedAt) + ", after it was loaded at " + clock(n.LoadedAt)})
	}
	for _, h := range n.Foreign {
		l = append(l, item{bad, what, fmt.Sprintf("%s is held by %s", h.Target, holders(h))})
	}
	return l
}
