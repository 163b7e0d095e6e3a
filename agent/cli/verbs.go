package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// verbs is the whole command line, in the order in which a new user meets it.
func verbs(o *options) []*cobra.Command {
	return []*cobra.Command{
		initVerb(o),
		checkVerb(o),
		diagnoseVerb(o),
		planVerb(o),
		healVerb(o),
		runVerb(o),
		helperVerb(o),
		explainVerb(o),
		statusVerb(o),
		incidentsVerb(o),
		approveVerb(o),
		pauseVerb(o),
		resumeVerb(o),
		auditVerb(o),
		notifyVerb(o),
		completionVerb(o),
		versionVerb(o),
	}
}

// verb makes a command whose wrong arguments are usage errors (exit code 2).
func verb(use, short string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, RunE: run, DisableFlagsInUseLine: true,
		Args: func(c *cobra.Command, given []string) error {
			if err := args(c, given); err != nil {
				return usage(fmt.Errorf("%w: see %s --help", err, c.CommandPath()))
			}
			return nil
		},
	}
}

// group makes a command that only has others: without one it says which.
func group(use, short string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, DisableFlagsInUseLine: true,
		Args: unknownVerb, RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
}

// unknownVerb refuses what is no verb, and says which one may be meant.
func unknownVerb(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := ""
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		hint = fmt.Sprintf(" (did you mean %q?)", near[0])
	}
	return usage(fmt.Errorf("%s has no command %q%s: see %s --help", c.CommandPath(), args[0], hint, c.CommandPath()))
}
