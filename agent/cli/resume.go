package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent/status"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/hold"
)

func resumeVerb(o *options) *cobra.Command {
	var which hold.Which
	c := verb("resume", "end what you paused", none, func(c *cobra.Command, _ []string) error {
		return o.resume(c.Context(), which)
	})
	c.Long = `resume ends your holds: of one site, with one reason, or all of them. Another
person's stays, unless you name its owner: the record says who ended it.`
	c.Flags().StringVar(&which.Site, "site", "", "only holds of this `site`")
	c.Flags().StringVar(&which.Reason, "reason", "", "only holds with this `reason`")
	c.Flags().StringVar(&which.Owner, "owner", "", "holds of this `person` instead of yours")
	_ = c.RegisterFlagCompletionFunc("site", o.siteFlag)
	return c
}

// resumed is what `resume --json` prints.
type resumed struct {
	Lifted []policy.Hold `json:"lifted"`
	Stay   []policy.Hold `json:"stay"`
}

func (o *options) resume(ctx context.Context, which hold.Which) error {
	if err := needRoot("resume"); err != nil {
		return err
	}
	if which.Owner == "" {
		which.Owner = person()
	}
	o.announce(ctx)
	r := resumed{[]policy.Hold{}, []policy.Hold{}}
	lifted, stay, err := hold.At(holdsDir(o.state)).Resume(which)
	if err != nil {
		return err
	}
	r.Lifted = append(r.Lifted, lifted...)
	for _, h := range stay {
		if which.Site == "" || h.Site == "" || h.Site == which.Site {
			r.Stay = append(r.Stay, h)
		}
	}
	if len(r.Lifted)+len(r.Stay) == 0 {
		if err := o.knownToResume(which.Site); err != nil {
			return err
		}
	}
	code := Healthy
	if len(r.Lifted) == 0 && len(r.Stay) > 0 {
		code = NeedsHand
	}
	if o.json {
		return o.ending(code, o.printJSON(r))
	}
	r.render(o.sheet(0))
	return ended(code)
}

// knownToResume refuses a misspelt site, whose hold would stay on. Where the configuration cannot be read,
// nothing was paused is all that can be said.
func (o *options) knownToResume(site string) error {
	cfg, err := o.load()
	if err != nil {
		return nil
	}
	return known(cfg, site)
}

// announce tells a running agent who lifts holds, for its record; without one there is none.
func (o *options) announce(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var nothing any
	_ = status.Ask(ctx, o.socket(), status.Request{Verb: status.Resume, By: person()}, &nothing)
}

func (r resumed) render(s sheet) {
	for _, h := range r.Lifted {
		s.word(s.p.green("resumed"), holdName(h))
	}
	for _, h := range r.Stay {
		s.word(s.p.yellow("still paused"), heldText(h, now())+liftedBy(h))
	}
	if len(r.Lifted)+len(r.Stay) == 0 {
		fmt.Fprintln(s.w, "nothing was paused")
	}
}

func holdName(h policy.Hold) string {
	if h.Site == "" {
		return fmt.Sprintf("all sites: no longer %s", h)
	}
	return fmt.Sprintf("%s: no longer %s", h.Site, h)
}

// liftedBy is what ends another person's hold.
func liftedBy(h policy.Hold) string {
	if h.Since == 0 {
		return "" // its reason says what to do
	}
	return fmt.Sprintf(" (gatemend resume --owner %s)", h.Owner)
}
