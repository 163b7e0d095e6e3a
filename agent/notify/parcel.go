package notify

import (
	"fmt"
	"slices"
	"strings"
)

// parcel is what is handed to the other end at once: one message, or what several sites have
// to tell in a short time.
type parcel struct {
	tells   []waiting // oldest first; never empty
	instead []waiting // earlier messages of the same incidents that these have overtaken
	dropped int       // messages that were given up before, of which nobody was told yet
}

// mostTogether messages have a line each in one text.
const mostTogether = mostLines - 2

// pack decides what is delivered as what. A message that a later one of its incident has
// overtaken while it waited is not delivered by itself; what tells of a recovery always is.
// Together: several sites become one message, for a person reads it.
func pack(all []waiting, together bool) []parcel {
	kept, instead := overtaken(all)
	var out []parcel
	if !together || sites(kept) < 2 {
		for _, w := range kept {
			out = append(out, parcel{tells: []waiting{w}, instead: instead[w.incident()]})
			delete(instead, w.incident())
		}
		return out
	}
	for len(kept) > 0 {
		n := min(len(kept), mostTogether)
		p := parcel{tells: kept[:n:n]}
		for _, w := range p.tells {
			p.instead = append(p.instead, instead[w.incident()]...)
			delete(instead, w.incident())
		}
		out, kept = append(out, p), kept[n:]
	}
	return out
}

// overtaken parts the messages that are told from those of the same incident that are not.
func overtaken(all []waiting) (kept []waiting, instead map[string][]waiting) {
	instead = map[string][]waiting{}
	last := map[string]int{}
	for i, w := range all {
		last[w.incident()] = i
	}
	for i, w := range all {
		if key := w.incident(); key != "" && last[key] != i && w.State != Healed {
			instead[key] = append(instead[key], w)
			continue
		}
		kept = append(kept, w)
	}
	return kept, instead
}

// incident is what a message is about; "" for what no later message can overtake.
func (w waiting) incident() string {
	if w.Message.Incident == "" {
		return ""
	}
	return w.Message.Incident + " " + w.Site + " " + w.Route
}

func sites(all []waiting) int {
	seen := map[string]bool{}
	for _, w := range all {
		seen[w.Site] = true
	}
	return len(seen)
}

// calls tells whether somebody should get up for any of it.
func (p parcel) calls() bool {
	for _, w := range p.tells {
		if w.calls() {
			return true
		}
	}
	return false
}

// id names the parcel for its reader.
func (p parcel) id() string { return p.tells[len(p.tells)-1].ID }

// title is one line.
func (p parcel) title() string {
	if len(p.tells) == 1 {
		return narrow(p.tells[0].clean().headline())
	}
	calls, healed := 0, 0
	for _, w := range p.tells {
		switch {
		case w.calls():
			calls++
		case w.State == Healed:
			healed++
		}
	}
	var said []string
	for _, s := range []string{count(calls, "NOT healed"), count(healed, Healed), count(len(p.tells)-calls-healed, "other")} {
		if s != "" {
			said = append(said, s)
		}
	}
	return narrow(fmt.Sprintf("%s: %d sites: %s", p.tells[0].clean().Host, sites(p.tells), strings.Join(said, ", ")))
}

func count(n int, what string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", n, what)
}

// text is the whole message, at most eight lines.
func (p parcel) text() string {
	if len(p.tells) == 1 {
		return withNotes(strings.Split(p.tells[0].Message.Text(), "\n"), p.notes(), secondAdvice)
	}
	lines := []string{p.title()}
	for _, w := range p.tells {
		m := w.clean()
		lines = append(lines, narrow(m.headline()))
		if len(p.tells) <= mostTogether/2 && w.calls() && len(m.Advice) > 0 {
			lines = append(lines, narrow("  do: "+m.Advice[0]))
		}
	}
	if len(lines) < mostLines {
		lines = append(lines, "more: gatemend incidents")
	}
	return withNotes(lines, p.notes(), len(lines)-1)
}

// notes is what the reader must know of the delivery itself, "" for nothing.
func (p parcel) notes() string {
	var said []string
	if n := len(p.instead); n > 0 {
		said = append(said, fmt.Sprintf("%d earlier about it could not be delivered in time", n))
	}
	if p.dropped > 0 {
		said = append(said, fmt.Sprintf("%d older messages were dropped, too many waited: gatemend incidents", p.dropped))
	}
	return strings.Join(said, "; ")
}

// secondAdvice is the line of a full message that its reader can do without.
const secondAdvice = 5

// withNotes adds a line, and gives up another for it where there are eight.
func withNotes(lines []string, notes string, spare int) string {
	if notes == "" {
		return strings.Join(lines, "\n")
	}
	if len(lines) >= mostLines {
		lines = slices.Delete(lines, spare, spare+1)
	}
	return strings.Join(append(lines, narrow("note: "+notes)), "\n")
}
