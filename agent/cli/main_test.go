package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/agent/plans"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"gatemend": func() { os.Exit(Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the command line as a person does, for everything that needs no machine. A
// machine without systemd is made by a bus address that leads nowhere.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update, RequireExplicitExec: true,
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+e.WorkDir+"/no-bus")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"record": record, "exits": exits, "absolute": absolute, "shown": shownPlan, "incident": incident},
	})
}

// record DIR N writes an audit log of N records.
func record(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	log, err := audit.Open(ts.MkAbs(args[0]), audit.Options{Journal: ts.MkAbs("no-journal")})
	ts.Check(err)
	for i := range n {
		_, err := log.Append(context.Background(), audit.Record{Kind: "note", Data: []byte(fmt.Sprintf(`{"text":"number %d"}`, i+1))})
		ts.Check(err)
	}
	ts.Check(log.Close())
}

// shown AGE SITE STATE keeps a plan as if it had been shown that long ago, and sets PLAN to its ID.
func shownPlan(ts *testscript.TestScript, _ bool, args []string) {
	age, err := time.ParseDuration(args[0])
	ts.Check(err)
	at := detect.At(time.Now().Add(-age))
	c := policy.Case{Schema: policy.Schema, Now: at, Facts: detect.Facts{Site: args[1], Route: detect.Route{Path: "/"}}}
	p := plans.Of(c, policy.Decide(c), at)
	ts.Check(plans.At(plansDir(ts.MkAbs(args[2]))).Keep(p))
	ts.Setenv("PLAN", p.ID)
}

// incident STATE ID DO PLAN records an incident that was decided so.
func incident(ts *testscript.TestScript, _ bool, args []string) {
	log, err := audit.Open(auditDir(ts.MkAbs(args[0])), audit.Options{Journal: ts.MkAbs("no-journal")})
	ts.Check(err)
	_, err = audit.Recorder{Log: log}.Append(context.Background(), agent.RecordIncident, args[1], "shop", "/", agent.Incident{
		ID: args[1], Site: "shop", Route: "/", State: agent.Escalated, Noticed: 1, Plan: args[3],
		Decision: &policy.Decision{Do: policy.Do(args[2]), Why: "restart-unit of shop.service waits for approval"},
	})
	ts.Check(err)
	ts.Check(log.Close())
}

// exits CODE PROGRAM ARG… runs a program that must end with exactly that code: "!" would take
// any failure for the right one.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// absolute FILE… turns "./" into the work directory: a configuration names programs by
// absolute paths only.
func absolute(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		path := ts.MkAbs(name)
		text := strings.ReplaceAll(ts.ReadFile(name), "./", ts.MkAbs(".")+"/")
		ts.Check(os.WriteFile(path, []byte(text), 0o644))
	}
}
