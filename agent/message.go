package agent

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatemend/gatemend/detect"
)

// message says how the incident stands.
func (k *keeper) message(state string) Message {
	inc := k.inc
	if inc.ID == "" {
		inc = k.last
	}
	if state == ToldStill && inc.State == Degraded { // it answers: nobody has to get up
		state = ToldDegraded
	}
	cause := inc.Diagnosis.Primary
	m := Message{
		ID: fmt.Sprintf("%s.%d.%s", inc.ID, inc.Messages+1, slug(state)),
		At: now(), Host: k.Host, Mode: string(k.Settings.Mode), Site: k.site.Name, Route: k.route.Path, Incident: inc.ID,
		State: state, Symptom: inc.Symptom, Outage: inc.Outage(now()), Cause: cause.Cause,
		Changed: changedText(k.facts.Changes, inc.began()), Proof: proofText(cause), Did: did(inc),
		Advice: cause.Advised(), Command: command(state, &inc), More: "gatemend incidents " + inc.ID,
	}
	if info, ok := detect.Info(cause.Cause); ok {
		m.Title = info.Title
	}
	if state == ToldHealed {
		m.Advice = cause.Lasting() // what ended this outage is done
	}
	return m
}

// slug makes a state part of a name.
func slug(state string) string { return strings.ReplaceAll(strings.ToLower(state), " ", "-") }

// changedText names the newest change since the site was last healthy, and how long before the
// outage it was made.
func changedText(changes []detect.Change, outage detect.Time) string {
	if len(changes) == 0 {
		return ""
	}
	c := changes[0]
	text := c.Text()
	switch gap := outage.Sub(c.At); {
	case c.At == 0:
	case gap > -detect.For(time.Second) && gap < detect.For(time.Second): // logs tell the second only
		text += ", as the outage began"
	case gap > 0:
		text += ", " + gap.Words() + " before the outage"
	default:
		text += ", " + (-gap).Words() + " into the outage"
	}
	if more := len(changes) - 1; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// proofWidth is what a line of a message holds beside its label.
const proofWidth = 150

// proofText is the first evidence, and what follows as long as a line holds it.
func proofText(f detect.Finding) string {
	text := ""
	for i, e := range f.Evidence {
		if i > 0 && utf8.RuneCountInString(text+e.Text) > proofWidth {
			break
		}
		if i > 0 {
			text += "; "
		}
		text += e.Text
	}
	return text
}

// did says what was done, or why nothing is.
func did(inc Incident) string {
	var done []string
	for _, a := range inc.Actions {
		text := strings.TrimSpace(string(a.Verb) + " " + a.Unit)
		switch {
		case a.Would:
			text = "would: " + text
		case a.Refused:
			text += " (refused: " + a.Why + ")"
		case a.Failed:
			text += " (failed: " + a.Why + ")"
		}
		done = append(done, text)
	}
	if p := inc.Proof; p != nil && inc.State == Recovered {
		return strings.Join(append(done, string(p.Verdict)), ", ")
	}
	if d := inc.Decision; d != nil && d.Why != "" {
		done = append(done, d.Why)
	}
	return strings.Join(done, ", ")
}

func command(state string, inc *Incident) string {
	site := inc.Site
	switch state {
	case ToldHealed:
		return ""
	case ToldSick, ToldStill, ToldWaiting, ToldFlapping:
		if id := inc.Asks(); id != "" {
			return "sudo gatemend approve " + id
		}
	case ToldWould:
		return "sudo gatemend plan " + site
	case ToldDegraded:
		return "sudo gatemend diagnose " + site
	}
	return "sudo gatemend heal " + site
}
