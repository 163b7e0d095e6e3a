package cli

import "github.com/spf13/cobra"

// verbs is the whole command line, in the order in which a new user meets it.
func verbs(o *options) []*cobra.Command {
	return []*cobra.Command{
		initVerb(o),
		checkVerb(o),
		diagnoseVerb(o),
		planVerb(o),
		healVerb(o),
		runVerb(o),
		explainVerb(o),
		statusVerb(o),
		incidentsVerb(o),
		auditVerb(o),
		versionVerb(o),
	}
}

// verb makes a command whose wrong arguments are usage errors (exit code 2).
func verb(use, short string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, RunE: run,
		Args: func(c *cobra.Command, given []string) error {
			if err := args(c, given); err != nil {
				return usage(err)
			}
			return nil
		},
	}
}
