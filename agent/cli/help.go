package cli

import (
	"github.com/spf13/cobra"
)

const rootHelp = `gatemend mends 502 Bad Gateway on one host: sites that gunicorn serves behind nginx under systemd.
It establishes the cause, does the one safe thing that helps or says what a person must do,
proves recovery at the upstream and at the public endpoint, and records it.`

// usageText is shown below every help. The exit codes stand there once, in the root's.
const usageText = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND{{else}}{{.UseLine}}{{if .HasAvailableLocalFlags}} [FLAGS]{{end}}{{end}}
{{- if .HasAvailableSubCommands}}

Commands:
{{- range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}
{{- if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
{{- if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
{{- if not .HasParent}}

Exit codes: 0 healthy or nothing to do, 1 failed, 2 usage or configuration,
3 not healthy or something to do, 4 refused: a person is needed.

gatemend COMMAND --help says more about a command.{{end}}
`

// helped gives the root its help: verbs in the order of use, not of the alphabet.
func helped(root *cobra.Command) {
	cobra.EnableCommandSorting = false
	root.SetUsageTemplate(usageText)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(helpVerb(root))
	root.PersistentFlags().BoolP("help", "h", false, "") // the same help, however it is asked for
	_ = root.PersistentFlags().MarkHidden("help")
}

func helpVerb(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "help about a command", DisableFlagsInUseLine: true,
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownVerb(root, args)
			}
			return c.Help()
		},
	}
}
