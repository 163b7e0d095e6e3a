package cli

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"
)

// options are the flags that every verb shares, and where a verb reads and writes.
type options struct {
	in          io.Reader
	out, errOut io.Writer
	config      string
	state       string
	run         string
	json        bool
}

// stateDir is the agent's own, as StateDirectory= of its unit makes it.
const stateDir = "/var/lib/gatemend"

func (o *options) register(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&o.config, "config", "/etc/gatemend/gatemend.yaml", "the configuration `file`")
	f.StringVar(&o.state, "state", stateDir, "the state `directory`: audit log, baselines, outbox; holds are in DIRECTORY-holds")
	f.StringVar(&o.run, "run", "/run/gatemend", "the runtime `directory`: control socket, lock")
	f.BoolVar(&o.json, "json", false, "print the report as JSON")
}

// ending ends a verb whose report was printed, or could not be.
func (o *options) ending(code int, err error) error {
	if err != nil {
		return err
	}
	return ended(code)
}

// printJSON writes v indented; for every verb that reports.
func (o *options) printJSON(v any) error {
	e := json.NewEncoder(o.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
