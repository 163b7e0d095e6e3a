package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
)

func incidentsVerb(o *options) *cobra.Command {
	var bundle bool
	c := verb("incidents [ID]", "past incidents, or one incident's timeline", atMostOne,
		func(_ *cobra.Command, args []string) error { return o.incidents(only(args), bundle) })
	c.Long = `incidents lists what the record holds, oldest first. With an ID it tells that
incident's story: evidence → cause → guards → action → proof.`
	c.Flags().BoolVar(&bundle, "bundle", false, "print the directory that holds the incident's evidence")
	c.ValidArgsFunction = o.incidentIDs
	return c
}

func (o *options) incidents(id string, bundle bool) error {
	if bundle && id == "" {
		return usage(fmt.Errorf("--bundle needs an incident's ID: gatemend incidents lists them"))
	}
	if err := needRoot("incidents"); err != nil {
		return err
	}
	switch {
	case id == "":
		return o.listIncidents()
	case bundle:
		return o.bundle(id)
	}
	return o.timeline(id)
}

// past is an incident with the time of its last record: one that is not over is known until then.
type past struct {
	agent.Incident
	last detect.Time
}

// recorded reads every incident of the record; what cannot be read is told, and is no reason
// to hide the rest.
func (o *options) recorded() ([]past, error) {
	list, err := audit.Incidents(auditDir(o.state))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil && len(list) == 0 {
		return nil, err
	}
	if err != nil {
		fmt.Fprintf(o.errOut, "gatemend: %v; gatemend audit verify says more\n", err)
	}
	var l []past
	for _, s := range list {
		p := past{last: s.Last}
		switch err := json.Unmarshal(s.State, &p.Incident); {
		case err != nil:
			fmt.Fprintf(o.errOut, "gatemend: cannot read incident %s: %v\n", s.ID, err)
		case p.ID != "":
			l = append(l, p)
		}
	}
	return l, nil
}

func (o *options) listIncidents() error {
	list, err := o.recorded()
	if err != nil {
		return err
	}
	if o.json {
		incidents := []agent.Incident{}
		for _, p := range list {
			incidents = append(incidents, p.Incident)
		}
		return o.printJSON(incidents)
	}
	if len(list) == 0 {
		fmt.Fprintf(o.out, "no incident is recorded in %s\n", auditDir(o.state))
		return nil
	}
	p := painter(o.out)
	rows := [][]cell{titles(p, "ID", "NOTICED", "SITE", "STATE", "CAUSE", "OUTAGE", "DONE")}
	for _, i := range list {
		rows = append(rows, i.row(p))
	}
	table(o.out, "", rows)
	return nil
}

// row is when, what, how it ended, how long clients were without the site, what was done.
func (i past) row(p paint) []cell {
	return []cell{
		plain(i.ID), plain(clock(i.Noticed)), plain(i.Site + i.Route), {string(i.State), p.state(i.State)},
		plain(string(i.Cause())), plain(i.outage()), plain(done(i.Actions)),
	}
}

// outage is "at least" for an incident whose end the record does not hold.
func (i past) outage() string {
	if i.State == agent.Recovered {
		return span(i.Outage(i.Recovered))
	}
	return "≥ " + span(i.Outage(i.last))
}

func done(actions []agent.Report) string {
	var l []string
	for _, a := range actions {
		switch {
		case a.Refused:
		case a.Would:
			l = append(l, "would "+string(a.Verb))
		case a.Failed:
			l = append(l, string(a.Verb)+" failed")
		default:
			l = append(l, string(a.Verb))
		}
	}
	if len(l) == 0 {
		return "nothing"
	}
	return strings.Join(l, ", ")
}

func (o *options) bundle(id string) error {
	dir, err := audit.Bundle(auditDir(o.state), id)
	if err != nil {
		return usage(err)
	}
	if _, err := os.Stat(dir); err != nil {
		return usage(fmt.Errorf("cannot find evidence of incident %q: %w; gatemend incidents %s --json has what the record holds", id, err, id))
	}
	_, err = fmt.Fprintln(o.out, dir)
	return err
}

// incidentIDs completes an ID.
func (o *options) incidentIDs(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	list, err := audit.Incidents(auditDir(o.state))
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []string
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
