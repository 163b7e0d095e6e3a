package remediate

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// world answers every question of Preconditions.
type world struct {
	unit detect.Unit
	conn detect.Outcome
	test detect.ConfTest
	err  error
}

func (w world) Unit(context.Context, string) (*detect.Unit, error) { return &w.unit, w.err }
func (w world) ConnectAsWorker(context.Context, string, string) (net.Conn, detect.Connect, error) {
	return nil, detect.Connect{Outcome: w.conn}, w.err
}
func (w world) NginxTest(context.Context) (detect.ConfTest, error) { return w.test, w.err }

func unit(active string, pid int) detect.Unit {
	return detect.Unit{Name: "shop.service", Load: "loaded", Active: active, Sub: active, MainPID: pid}
}

func TestPreconditions(t *testing.T) {
	with := func(u detect.Unit, change func(*detect.Unit)) detect.Unit { change(&u); return u }
	dead, up := unit("failed", 0), unit("active", 10)
	for name, tt := range map[string]struct {
		verb  policy.Verb
		cause detect.Cause
		then  detect.Unit
		now   world
		want  string // part of the error; "" for none
	}{
		"still failed":              {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: dead}, ""},
		"came back":                 {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: up}, "running again"},
		"came back before a start":  {policy.StartUnit, detect.GunicornStopped, dead, world{unit: up}, "running again"},
		"went further down":         {policy.EndLeftoversRestart, detect.GunicornCrashed, unit("deactivating", 0), world{unit: dead}, ""},
		"hung, the same process":    {policy.EndLeftoversRestart, detect.GunicornHung, up, world{unit: up}, ""},
		"restarted by somebody":     {policy.EndLeftoversRestart, detect.GunicornHung, up, world{unit: unit("active", 11)}, "was restarted"},
		"starting":                  {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: unit("activating", 11)}, "is starting"},
		"masked":                    {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: with(dead, func(u *detect.Unit) { u.FileState = "masked" })}, "masked"},
		"frozen":                    {policy.EndLeftoversRestart, detect.GunicornHung, up, world{unit: with(up, func(u *detect.Unit) { u.Freezer = "frozen" })}, "is frozen now"},
		"gone":                      {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: with(dead, func(u *detect.Unit) { u.Load = "not-found" })}, "gone"},
		"broken":                    {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: with(dead, func(u *detect.Unit) { u.Load = "bad-setting" })}, "not loaded"},
		"foreign job":               {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: with(dead, func(u *detect.Unit) { u.Job = &detect.Job{Type: "stop"} })}, "stop job"},
		"bus is away":               {policy.RestartUnit, detect.GunicornCrashed, dead, world{err: errors.New("no bus")}, "no bus"},
		"would take a database":     {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: takes(dead, "db.service", "active")}, "db.service"},
		"may take the worker queue": {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: takes(dead, "queue.service", "active")}, ""},
		"an idle one is not taken":  {policy.RestartUnit, detect.GunicornCrashed, dead, world{unit: takes(dead, "db.service", "inactive")}, ""},
		"a start takes none":        {policy.StartUnit, detect.GunicornStopped, dead, world{unit: takes(dead, "db.service", "active")}, ""},
		"takes nothing":             {policy.StartUnit, detect.GunicornStopped, dead, world{unit: takes(dead, "mail.service", "active")}, ""},
		"stops another":             {policy.StartUnit, detect.GunicornStopped, dead, world{unit: ousts(dead, "green.service")}, "green.service would be"},
		"still denied":              {policy.FixSocketMode, detect.SocketPermission, up, world{unit: up, conn: detect.Denied}, ""},
		"was opened by somebody":    {policy.FixSocketMode, detect.SocketPermission, up, world{unit: up, conn: detect.Connected}, "it was denied"},
		"no longer missing":         {policy.RestartUnit, detect.SocketMissing, up, world{unit: up, conn: detect.Connected}, "it was missing"},
		"config is fine":            {policy.ReloadNginx, detect.NginxConfigStale, up, world{unit: up, test: detect.ConfTest{OK: true}}, ""},
		"config broke":              {policy.ReloadNginx, detect.NginxConfigStale, up, world{unit: up, test: detect.ConfTest{Message: "unknown directive"}}, "unknown directive"},
		"nginx went down":           {policy.ReloadNginx, detect.NginxConfigStale, up, world{unit: dead, test: detect.ConfTest{OK: true}}, "not running"},
	} {
		c := policy.Case{Facts: detect.Facts{
			Unit:  &tt.then,
			Nginx: &detect.Nginx{Unit: &tt.then},
			Route: detect.Route{Unit: "shop.service", Also: []string{"queue.service"}},
		}}
		err := Preconditions{tt.now, tt.now, nobody}.Recheck(t.Context(), c, policy.Action{Verb: tt.verb, Cause: tt.cause})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
}

// A start of the socket starts the service, and stops what conflicts with that.
func TestPreconditionsOfASocketReadItsService(t *testing.T) {
	socket, service := unit("inactive", 0), ousts(unit("inactive", 0), "green.service")
	socket.Name = "shop.socket"
	c := policy.Case{Facts: detect.Facts{Unit: &service, Socket: &socket, Route: detect.Route{Unit: "shop.service", Socket: "shop.socket"}}}
	units := unitsByName{"shop.socket": &socket, "shop.service": &service}
	start := policy.Action{Verb: policy.StartSocket, Cause: detect.GunicornStopped}
	err := Preconditions{units, world{}, nobody}.Recheck(t.Context(), c, start)
	if err == nil || !strings.Contains(err.Error(), "green.service would be") {
		t.Errorf("error %v", err)
	}
	c.Facts.Route.Also = []string{"green.service"}
	if err := (Preconditions{units, world{}, nobody}).Recheck(t.Context(), c, start); err != nil {
		t.Errorf("allowed by name: %v", err)
	}
}

type unitsByName map[string]*detect.Unit

func (u unitsByName) Unit(_ context.Context, name string) (*detect.Unit, error) { return u[name], nil }

// nobody holds anything.
func nobody(context.Context) []policy.Hold { return nil }

// A hold made between decision and act stops it, but for its owner who asks; a reload of nginx
// is stopped by a hold of any site.
func TestPreconditionsReadTheHoldsAfresh(t *testing.T) {
	dead, up := unit("failed", 0), unit("active", 10)
	restart := policy.Action{Verb: policy.RestartUnit, Cause: detect.GunicornCrashed, Site: "shop"}
	reload := policy.Action{Verb: policy.ReloadNginx, Cause: detect.NginxConfigStale, Site: "shop"}
	later := detect.At(time.Now().Add(time.Hour))
	for name, tt := range map[string]struct {
		hold policy.Hold
		act  policy.Action
		by   string
		want string
	}{
		"of the site":                    {policy.Hold{Site: "shop", Owner: "ann", Reason: "deploy", Until: later}, restart, "", "held by ann (deploy)"},
		"of all":                         {policy.Hold{Owner: "ann"}, restart, "", "held by ann"},
		"of another site":                {policy.Hold{Site: "blog", Owner: "ann"}, restart, "", ""},
		"of another site, nginx":         {policy.Hold{Site: "blog", Owner: "ann"}, reload, "", "held by ann"},
		"over":                           {policy.Hold{Site: "shop", Owner: "ann", Until: 1}, restart, "", ""},
		"its owner asks":                 {policy.Hold{Site: "shop", Owner: "ann"}, restart, "ann", ""},
		"another asks":                   {policy.Hold{Site: "shop", Owner: "ann"}, restart, "bob", "held by ann"},
		"of a site that shares its unit": {policy.Hold{Site: "shop", Owner: "ann", Via: "blog"}, restart, "", "held with blog by ann"},
	} {
		now := world{unit: dead, test: detect.ConfTest{OK: true}}
		if tt.act.Verb == policy.ReloadNginx {
			now.unit = up
		}
		c := policy.Case{
			Facts:    detect.Facts{Unit: &now.unit, Nginx: &detect.Nginx{Unit: &up}, Route: detect.Route{Unit: "shop.service"}},
			Incident: policy.Incident{Person: tt.by != "", By: tt.by},
		}
		p := Preconditions{now, now, func(context.Context) []policy.Hold { return []policy.Hold{tt.hold} }}
		err := p.Recheck(t.Context(), c, tt.act)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
	if err := (Preconditions{Units: world{unit: dead}}).Recheck(t.Context(), policy.Case{Facts: detect.Facts{Unit: &dead}}, restart); err == nil {
		t.Error("passed though the holds cannot be read")
	}
}

func ousts(u detect.Unit, name string) detect.Unit {
	u.Conflicts = []detect.Dependent{{Unit: name, Active: "active", By: "ConflictedBy"}}
	return u
}

func takes(u detect.Unit, name, active string) detect.Unit {
	u.TakenAlong = []detect.Dependent{{Unit: name, Active: active, By: "RequiredBy"}}
	return u
}

// A question that nobody can answer refuses: absence is never a pass.
func TestPreconditionsWithoutAnAnswerRefuse(t *testing.T) {
	up := unit("active", 10)
	c := policy.Case{Facts: detect.Facts{Unit: &up, Nginx: &detect.Nginx{Unit: &up}}}
	p := Preconditions{Units: world{unit: up}, Holds: nobody}
	for _, a := range []policy.Action{
		{Verb: policy.ReloadNginx, Cause: detect.NginxConfigStale},
		{Verb: policy.FixSocketMode, Cause: detect.SocketPermission},
	} {
		if err := p.Recheck(t.Context(), c, a); err == nil {
			t.Errorf("%s passed without an answer", a.Verb)
		}
	}
	if err := p.Recheck(t.Context(), policy.Case{}, policy.Action{Verb: policy.RestartUnit}); err == nil {
		t.Error("a case without a unit passed")
	}
}
