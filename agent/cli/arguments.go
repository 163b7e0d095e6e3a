package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// none refuses arguments: a word too many is a misunderstanding, never ignored.
func none(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no argument, but was given %q", c.CommandPath(), args[0])
	}
	return nil
}

// atMostOne takes what the verb's usage names, or nothing.
func atMostOne(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("%s takes one argument at most, but was given %q as well", c.CommandPath(), args[1])
	}
	return nil
}

// exactlyOne takes what the verb's usage names.
func exactlyOne(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("%s takes one argument", c.CommandPath())
	}
	return atMostOne(c, args)
}

// only is the one argument, "" where there is none.
func only(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
