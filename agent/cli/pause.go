package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/hold"
)

func pauseVerb(o *options) *cobra.Command {
	var site, length, reason string
	c := verb("pause", "keep the agent's hands off: alerts go on", none, func(*cobra.Command, []string) error {
		return o.pause(site, length, reason)
	})
	c.Long = `pause holds one site, or all: until it ends, or you resume, nothing is done
there, by the agent or by anybody else's heal. It goes on looking, telling and
recording. A hold survives restarts and reboots, and ends by itself. Pausing
again with the same reason sets a new end. It needs no running agent.

In a deploy script:
  gatemend pause --site shop --for 10m --reason deploy
  ...
  gatemend resume --site shop --reason deploy`
	c.Flags().StringVar(&site, "site", "", "hold this `site` only")
	c.Flags().StringVar(&length, "for", "1h", "how long, as `TIME`: 90s, 10m, 4h, 2d; 30d at most")
	c.Flags().StringVar(&reason, "reason", "", "what for, as a person will read it")
	_ = c.RegisterFlagCompletionFunc("site", o.siteFlag)
	return c
}

func (o *options) pause(site, length, reason string) error {
	if err := needRoot("pause"); err != nil {
		return err
	}
	span, err := config.ParseSpan(length)
	if err != nil {
		return usage(fmt.Errorf("cannot pause: %w", err))
	}
	if err := o.knownToHold(site); err != nil {
		return err
	}
	if span <= 0 || span > hold.Longest {
		return usage(fmt.Errorf("cannot pause for %s: write a length of up to 30d, such as 10m", length))
	}
	h, err := hold.At(holdsDir(o.state)).Pause(policy.Hold{Site: site, Owner: person(), Reason: reason}, span)
	if err != nil {
		return err
	}
	if o.json {
		return o.printJSON(h)
	}
	s := o.sheet(0)
	s.word(s.p.yellow("paused"), heldText(h, h.Since)+"; alerts go on")
	return nil
}

// knownToHold refuses a misspelt site, which would hold nothing. All sites can be held whatever the
// configuration is like.
func (o *options) knownToHold(site string) error {
	if site == "" {
		return nil
	}
	cfg, err := o.load()
	if err != nil {
		return usage(fmt.Errorf("%w\nwithout --site all are paused, whatever the configuration is like", err))
	}
	return known(cfg, site)
}

func (o *options) siteFlag(c *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	return o.siteNames(c, nil, word)
}

// word is a line that begins with a coloured word.
func (s sheet) word(word, text string) { fmt.Fprintf(s.w, "%s %s\n", word, safe(text)) }

// heldText is a hold in one line.
func heldText(h policy.Hold, at detect.Time) string {
	who := h.Site
	if who == "" {
		who = "all sites"
	}
	if h.Until == 0 {
		return fmt.Sprintf("%s: %s until it is resumed", who, h)
	}
	return fmt.Sprintf("%s: %s until %s, for another %s", who, h, clock(h.Until), span(h.Until.Sub(at)))
}
