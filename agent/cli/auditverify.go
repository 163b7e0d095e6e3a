package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect/journal"
)

// headsTime bounds the question to journald.
const headsTime = 10 * time.Second

func auditVerb(o *options) *cobra.Command {
	c := &cobra.Command{Use: "audit", Short: "the record of what was seen, decided and done"}
	c.AddCommand(verb("verify", "say whether the record is whole", none, func(c *cobra.Command, _ []string) error {
		return o.auditVerify(c.Context())
	}))
	return c
}

func (o *options) auditVerify(ctx context.Context) error {
	heads := journalHeads(ctx)
	report, err := audit.Verify(auditDir(o.state), heads...)
	if err != nil {
		return err
	}
	if o.json {
		if err := o.printJSON(report); err != nil {
			return err
		}
	} else {
		o.renderAudit(report)
	}
	if !report.OK() {
		return ended(NotWell)
	}
	return nil
}

// journalHeads are the heads of the chain that journald remembers: what the disk cannot show is
// that its last records are gone.
func journalHeads(ctx context.Context) []audit.Head {
	ctx, cancel := context.WithTimeout(ctx, headsTime)
	defer cancel()
	entries, err := journal.QueryMessage(ctx, audit.HeadID, 0, mostHeads)
	if err != nil {
		return nil
	}
	var heads []audit.Head
	for _, e := range entries {
		if h, ok := audit.HeadOf(e.Fields); ok {
			heads = append(heads, h)
		}
	}
	return heads
}

// mostHeads are compared: the newest, for it is the tail that can be cut unseen.
const mostHeads = 5000

func (o *options) renderAudit(r audit.Report) {
	p := painter(o.out)
	for _, d := range r.Damage {
		fmt.Fprintf(o.out, "%s %s: record %d at %s: %s\n", p.sign(bad), d.What, d.Seq, safe(d.Place), safe(d.Why))
	}
	for _, t := range r.Torn {
		fmt.Fprintf(o.out, "%s an unfinished line was taken aside: %s\n", p.sign(note), safe(t))
	}
	compared := fmt.Sprintf("compared with %d heads in the journal", r.Heads)
	if r.Heads == 0 {
		compared = "the journal has no head to compare with: a cut tail would not show"
	}
	if r.OK() {
		fmt.Fprintf(o.out, "%s the record is whole: %d records in %d segments, up to %d; %s\n", p.sign(good), r.Records, r.Segments, r.Head.Seq, compared)
		return
	}
	fmt.Fprintf(o.out, "%s the record is damaged: %d records in %d segments; %s\n", p.sign(bad), r.Records, r.Segments, compared)
}
