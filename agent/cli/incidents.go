package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/policy"
)

func incidentsVerb(o *options) *cobra.Command {
	var bundle bool
	c := verb("incidents [ID]", "list past incidents, or show one incident's timeline", atMostOne,
		func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 0 && bundle:
				return usage(fmt.Errorf("--bundle needs an incident's ID: gatemend incidents lists them"))
			case len(args) == 0:
				return o.listIncidents()
			case bundle:
				return o.bundle(args[0])
			}
			return o.timeline(args[0])
		})
	c.Flags().BoolVar(&bundle, "bundle", false, "print the directory that holds the incident's evidence")
	return c
}

func (o *options) listIncidents() error {
	list, err := audit.Incidents(auditDir(o.state))
	if err != nil && len(list) == 0 {
		return err
	}
	incidents := []agent.Incident{}
	for _, s := range list {
		var i agent.Incident
		if json.Unmarshal(s.State, &i) == nil && i.ID != "" {
			incidents = append(incidents, i)
		}
	}
	if err != nil {
		fmt.Fprintf(o.errOut, "gatemend: %v; gatemend audit verify says more\n", err)
	}
	if o.json {
		return o.printJSON(incidents)
	}
	p := painter(o.out)
	for i := range incidents {
		renderIncident(o.out, p, &incidents[i])
	}
	return nil
}

// renderIncident is one line: when, what, how it ended, how long clients were without the site.
func renderIncident(w io.Writer, p paint, i *agent.Incident) {
	now := now()
	fmt.Fprintf(w, "%s  %s  %s  %s  %s%s\n", pad(i.ID, 26), clock(i.Noticed), stateText(p, i.State, 10),
		pad(string(i.Cause()), 22), pad(i.Outage(now).Duration().Round(time.Millisecond).String(), 10), actions(i))
}

func actions(i *agent.Incident) string {
	s := ""
	for _, a := range i.Actions {
		if a.Refused {
			continue
		}
		s += "  " + string(a.Verb)
		if a.Would {
			s += " (dry run)"
		}
	}
	return s
}

func stateText(p paint, s agent.State, width int) string {
	text := pad(string(s), width)
	switch s {
	case agent.Recovered, agent.Idle:
		return p.green(text)
	case agent.Escalated:
		return p.red(text)
	}
	return p.yellow(text)
}

// timeline prints every record of one incident: evidence, cause, guards, action, proof.
func (o *options) timeline(id string) error {
	var records []audit.Record
	for r, err := range audit.Timeline(auditDir(o.state), id) {
		if err != nil {
			fmt.Fprintf(o.errOut, "gatemend: %v\n", err)
			continue
		}
		records = append(records, r)
	}
	if len(records) == 0 {
		return usage(fmt.Errorf("cannot find incident %q: gatemend incidents lists them", id))
	}
	if o.json {
		return o.printJSON(records)
	}
	p := painter(o.out)
	for _, r := range records {
		renderRecord(o.out, p, r)
	}
	return nil
}

func renderRecord(w io.Writer, p paint, r audit.Record) {
	fmt.Fprintf(w, "%s  %s", r.At.Time().Local().Format("15:04:05.000"), p.bold(pad(string(r.Kind), 9)))
	switch r.Kind {
	case agent.RecordIncident:
		renderState(w, p, r.Data)
	case audit.KindIntent:
		renderIntent(w, r.Data)
	case audit.KindResult:
		renderResult(w, r.Data)
	default:
		text := string(r.Data)
		if len(text) > 300 {
			text = text[:300] + "…"
		}
		fmt.Fprintf(w, " %s\n", safe(text))
	}
}

func renderState(w io.Writer, p paint, data json.RawMessage) {
	var i agent.Incident
	if err := json.Unmarshal(data, &i); err != nil {
		fmt.Fprintf(w, " %v\n", err)
		return
	}
	f := i.Diagnosis.Primary
	fmt.Fprintf(w, " %s: %s, %d %% sure\n", stateText(p, i.State, 0), f.Cause, f.Confidence)
	const indent = "                         "
	for _, e := range f.Evidence {
		fmt.Fprintf(w, "%sevidence  %s\n", indent, safe(e.Text))
	}
	if d := i.Decision; d != nil {
		fmt.Fprintf(w, "%sdecision  %s: %s\n", indent, d.Do, safe(d.Why))
		for _, g := range d.Guards {
			if !g.Pass {
				fmt.Fprintf(w, "%sguard     %s: %s\n", indent, g.Guard, safe(g.Why))
			}
		}
	}
	if i.State == agent.Recovered && i.Proof != nil {
		fmt.Fprintf(w, "%sproof     %s: %s\n", indent, i.Proof.Verdict, safe(i.Proof.Why))
		fmt.Fprintf(w, "%soutage    %s until the first answer, %s until proven\n", indent,
			i.Outage(now()).Duration().Round(time.Millisecond), i.Recovered.Sub(i.Noticed).Duration().Round(time.Millisecond))
	}
}

func renderIntent(w io.Writer, data json.RawMessage) {
	var i struct {
		Dry    bool          `json:"dry"`
		Action policy.Action `json:"action"`
	}
	_ = json.Unmarshal(data, &i)
	text := string(i.Action.Verb) + " " + i.Action.Unit + i.Action.Path
	if i.Action.Before != "" {
		text += ": " + i.Action.Before + " → " + i.Action.After
	}
	if i.Dry {
		text += " (dry run: nothing is changed)"
	}
	fmt.Fprintf(w, " %s\n", safe(text))
}

func renderResult(w io.Writer, data json.RawMessage) {
	var r struct {
		Outcome policy.Outcome `json:"outcome"`
		Why     string         `json:"why"`
	}
	_ = json.Unmarshal(data, &r)
	if r.Outcome == "" {
		r.Outcome = "done"
	}
	fmt.Fprintf(w, " %s %s\n", r.Outcome, safe(r.Why))
}

func (o *options) bundle(id string) error {
	dir, err := audit.Bundle(auditDir(o.state), id)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(o.out, dir)
	return err
}
