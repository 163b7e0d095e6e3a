package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent/audit"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/journal"
	"github.com/gatemend/gatemend/policy"
)

const (
	// headsTime bounds the question to journald.
	headsTime = 10 * time.Second
	// mostHeads are compared: the newest, for it is the tail that can be cut unseen.
	mostHeads = 5000
)

func auditVerb(o *options) *cobra.Command {
	c := group("audit", "the record of what was seen, decided and done")
	v := verb("verify", "is the record whole", none, func(c *cobra.Command, _ []string) error {
		return o.auditVerify(c.Context())
	})
	v.Long = `verify walks the chain of hashes through the whole record, and compares its end
with the heads that journald remembers. It names every record that was edited,
moved, removed or cut off, and exits with 3 where one was.`
	c.AddCommand(v)
	return c
}

func (o *options) auditVerify(ctx context.Context) error {
	if err := needRoot("audit verify"); err != nil {
		return err
	}
	var heads []audit.Head
	if o.state == stateDir { // the journal's heads are of this record, not of a copy
		heads = journalHeads(ctx)
	}
	report, err := audit.Verify(auditDir(o.state), heads...)
	if err != nil {
		return err
	}
	code := Healthy
	if !report.OK() {
		code = NotWell
	}
	if o.json {
		return o.ending(code, o.printJSON(report))
	}
	o.sheet(0).audited(report, auditDir(o.state))
	return ended(code)
}

// journalHeads are the heads of the chain that journald remembers: what the disk cannot show is
// that its last records are gone.
func journalHeads(ctx context.Context) []audit.Head {
	ctx, cancel := context.WithTimeout(ctx, headsTime)
	defer cancel()
	entries, err := journal.QueryMessage(ctx, headMessage(), 0, mostHeads)
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

// headMessage are the heads that an agent wrote, as root or as its own user: see [audit.HeadOf].
func headMessage() journal.Message {
	m := journal.Message{ID: audit.HeadID, UIDs: []int{0}}
	if uid := uidOf(agentUser); uid > 0 {
		m.UIDs = append(m.UIDs, uid)
	}
	return m
}

// auditOptions are those of every log that is opened for writing.
func auditOptions(ctx context.Context, settings policy.Settings) audit.Options {
	return audit.Options{Window: windowOf(settings), Kept: func(since detect.Time) [][]byte {
		ctx, cancel := context.WithTimeout(ctx, headsTime)
		defer cancel()
		lines, err := journal.QueryValues(ctx, headMessage(), audit.FieldRecord, since, mostHeads)
		if err != nil {
			return nil
		}
		return lines
	}}
}

// damage says once what befell a run of records.
func (s sheet) damage(all []audit.Damage) {
	for len(all) > 0 {
		run := 1
		for run < len(all) && all[run].What == all[0].What && all[run].Seq == all[run-1].Seq+1 {
			run++
		}
		text := all[0].String()
		if run > 1 {
			text += fmt.Sprintf("; and so on, to record %d", all[run-1].Seq)
		}
		s.mark("", s.p.sign(bad), text)
		all = all[run:]
	}
}

func (s sheet) audited(r audit.Report, dir string) {
	s.damage(r.Damage)
	for _, t := range r.Torn {
		s.mark("", s.p.sign(note), "an unfinished line was taken aside: "+t)
	}
	if n := len(r.Kept); n > 0 {
		s.mark("", s.p.sign(note), fmt.Sprintf("%s past its time could not be removed: chattr -a it and its directory, and the next rotation does (%s)", several(n, "segment"), r.Kept[0]))
	}
	size := fmt.Sprintf("%s in %s", several(r.Records, "record"), several(r.Segments, "segment"))
	switch {
	case !r.OK():
		s.mark("", s.p.sign(bad), "the record is damaged: "+size)
	case r.Records == 0:
		s.mark("", s.p.sign(note), "there is no record in "+dir)
		return
	default:
		s.mark("", s.p.sign(good), "the record is whole: "+size)
	}
	if r.Heads == 0 {
		s.mark("", s.p.sign(unknown), "the journal has no head to compare with: a cut tail would not show")
		return
	}
	s.mark("", s.p.sign(good), "compared with "+several(r.Heads, "head")+" in the journal")
}
