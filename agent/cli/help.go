package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const rootHelp = `gatemend mends 502 Bad Gateway on one host: sites that gunicorn serves behind
nginx under systemd. It establishes the cause, does the one safe thing that
helps or says what a person must do, proves recovery at the upstream and at the
public endpoint, and records it.`

// columns is how wide a help may be: a terminal that nobody has made larger.
const columns = 80

const exitHelp = `
Exit codes: 0 healthy or nothing to do, 1 failed, 2 usage or configuration,
3 not healthy or something to do, 4 refused: a person is needed.

gatemend COMMAND --help says more about a command.
`

// usageOf is shown below every help. It is no template: text/template reaches methods by name,
// which keeps the linker from dropping any (2 MB of the binary).
func usageOf(c *cobra.Command) error {
	w := c.OutOrStderr()
	fmt.Fprintf(w, "Usage:\n  %s\n", usageLine(c))
	if c.HasAvailableSubCommands() {
		fmt.Fprint(w, "\nCommands:\n")
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				fmt.Fprintf(w, "  %s %s\n", pad(sub.Name(), sub.NamePadding()), sub.Short)
			}
		}
	}
	flags(w, "Flags", c.LocalFlags())
	flags(w, "Flags of every command", c.InheritedFlags())
	if !c.HasParent() {
		fmt.Fprint(w, exitHelp)
	}
	return nil
}

func usageLine(c *cobra.Command) string {
	switch {
	case c.HasAvailableSubCommands():
		return c.CommandPath() + " COMMAND"
	case c.HasAvailableLocalFlags():
		return c.UseLine() + " [FLAGS]"
	}
	return c.UseLine()
}

func flags(w io.Writer, title string, set *pflag.FlagSet) {
	if set.HasAvailableFlags() {
		fmt.Fprintf(w, "\n%s:\n%s", title, set.FlagUsagesWrapped(columns))
	}
}

// folded is words in lines of a help, two spaces in.
func folded(words []string) string {
	var b strings.Builder
	line := " "
	for _, word := range words {
		if len(line)+1+len(word) > columns {
			b.WriteString(line + "\n")
			line = " "
		}
		line += " " + word
	}
	return b.String() + line
}

// helped gives the root its help: verbs in the order of use, not of the alphabet.
func helped(root *cobra.Command) {
	cobra.EnableCommandSorting = false
	root.SetUsageFunc(usageOf)
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
