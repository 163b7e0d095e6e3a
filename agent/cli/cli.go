// Package cli is the command line: one file a verb, and the one place that wires the
// concrete sensors, collector, executor, verifier and records into the agent.
//
// Results go to standard output, diagnostics to standard error. The exit code means the
// same for every verb: see [Healthy] and its neighbours.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes, for every verb.
const (
	Healthy   = 0 // healthy, or nothing to do
	Failure   = 1 // something failed
	Usage     = 2 // usage or configuration
	NotWell   = 3 // not healthy, or something to do
	NeedsHand = 4 // refused: a person is needed
)

// version is set by the linker; "dev" in a plain `go build`.
var version = "dev"

// exit is a verb's ending: a code, and what to say on standard error (nil: already said).
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

// ended ends a verb with a code after its report was printed.
func ended(code int) error {
	if code == Healthy {
		return nil
	}
	return exit{code: code}
}

// usage is an error of the caller: exit code 2.
func usage(err error) error { return exit{Usage, err} }

// Main runs the command line and returns the exit code. It never exits by itself.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	printed := &results{Writer: screen{out}}
	errOut = screen{errOut}
	root := newRoot(in, printed, errOut)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if printed.err != nil {
		err = fmt.Errorf("cannot print the result: %w", printed.err)
	}
	return code(err, errOut)
}

// results is standard output: what could not be written there was not said.
type results struct {
	io.Writer
	err error // the first
}

func (r *results) Write(p []byte) (int, error) {
	n, err := r.Writer.Write(p)
	if r.err == nil {
		r.err = err
	}
	return n, err
}

func code(err error, errOut io.Writer) int {
	if err == nil {
		return Healthy
	}
	var e exit
	if !errors.As(err, &e) {
		e = exit{Failure, err}
	}
	if e.err != nil {
		fmt.Fprintf(errOut, "gatemend: %v\n", e.err)
	}
	return e.code
}

func newRoot(in io.Reader, out, errOut io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           "gatemend",
		Short:         "mends 502 Bad Gateway on one host, proves it, and records it",
		Long:          rootHelp,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          unknownVerb,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(fmt.Errorf("%w: see %s --help", err, c.CommandPath()))
	})
	helped(root)
	o := &options{in: in, out: out, errOut: errOut}
	o.register(root)
	root.AddCommand(verbs(o)...)
	return root
}
