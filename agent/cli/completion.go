package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func completionVerb(o *options) *cobra.Command {
	c := verb("completion SHELL", "print the completion script for bash, zsh or fish", oneShell, func(c *cobra.Command, args []string) error {
		root := c.Root()
		switch args[0] {
		case "zsh":
			return root.GenZshCompletion(o.out)
		case "fish":
			return root.GenFishCompletion(o.out, true)
		}
		return root.GenBashCompletionV2(o.out, true)
	})
	c.Long = `completion prints a script that completes verbs, flags, sites and incidents.

For bash:
  gatemend completion bash >/usr/share/bash-completion/completions/gatemend`
	c.ValidArgs = shells
	return c
}

var shells = []string{"bash", "zsh", "fish"}

func oneShell(_ *cobra.Command, args []string) error {
	if len(args) == 1 {
		for _, s := range shells {
			if args[0] == s {
				return nil
			}
		}
	}
	return fmt.Errorf("write one of %q", shells)
}
