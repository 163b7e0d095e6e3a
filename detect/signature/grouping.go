package signature

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// grouping puts the lines of tracebacks together, by PID.
type grouping struct {
	lines []detect.Line
	open  map[int]*traceback
	heads map[int]head
	last  head // of any process: a traceback's own lines often carry no PID
}

// head is a process's last line that announces a traceback.
type head struct {
	event detect.Event
	at    Record
}

// add takes the next prepared record.
func (g *grouping) add(r Record) {
	if r.Source != detect.FromApp && r.Source != detect.FromPaste && r.Source != detect.FromStatus {
		g.plain(r)
		return
	}
	if t := g.open[r.PID]; t != nil {
		if !r.headed && g.heads[r.PID].at.Source == r.Source && t.take(r.Message) {
			return // of the same source: a traceback that was cut short swallows no status that was pasted behind it
		}
		g.close(r.PID)
	}
	t := &traceback{}
	if !r.headed && strings.TrimSpace(r.Message) != "" && t.take(r.Message) {
		h := g.heads[r.PID]
		if r.PID == 0 {
			h = g.last
		}
		t.worker = h.event == detect.EventWorkerException
		t.served = h.event == detect.EventRequestError
		t.master = h.event == detect.EventMainLoop
		g.open[r.PID] = t
		g.heads[r.PID] = head{event: h.event, at: r}
		return
	}
	g.plain(r)
}

func (g *grouping) plain(r Record) {
	l, ok := read(r)
	if !ok {
		return
	}
	g.lines = append(g.lines, l)
	g.heads[r.PID] = head{event: l.Event, at: r}
	g.last = g.heads[r.PID]
}

// close ends the traceback of a process.
func (g *grouping) close(pid int) {
	t, at := g.open[pid], g.heads[pid].at
	delete(g.open, pid)
	if l, ok := t.result(); ok {
		l.At, l.PID, l.Source = at.At, at.PID, at.Source
		g.lines = append(g.lines, l)
	}
}

func (g *grouping) closeAll() {
	for _, pid := range slices.Sorted(maps.Keys(g.open)) {
		g.close(pid)
	}
}

// together is how far apart the workers of one start boot, as gunicorn's log tells it in whole seconds.
const together = detect.Span(1_000_000)

// fold counts a message that came before; the place of the first and the time of the last are
// kept, because a crash loop writes the same ten lines a thousand times.
func fold(lines []detect.Line) []detect.Line {
	type key struct {
		event detect.Event
		text  string
	}
	at := map[key]int{}
	var out []detect.Line
	ended := false // a worker did
	for _, l := range lines {
		switch l.Event {
		case detect.EventWorkerExiting, detect.EventWorkerExited, detect.EventWorkerKilled:
			ended = true
		}
		k := key{l.Event, same(l)}
		if i, ok := at[k]; ok {
			if out[i].Count == 0 {
				out[i].Since = out[i].At
			}
			out[i].Count = max(out[i].Count, 1) + 1
			if l.Event == detect.EventBooting && !ended && l.At.Sub(out[i].Since) <= together {
				out[i].Attr["batch"] = strconv.Itoa(out[i].Count)
			}
			out[i].At = max(out[i].At, l.At)
			continue
		}
		at[k] = len(out)
		out = append(out, l)
	}
	if len(out) > MaxLines {
		out = out[len(out)-MaxLines:]
	}
	return out
}

// same is what two lines must share to be one: for messages that differ by a PID or a counter
// only, what they name.
func same(l detect.Line) string {
	switch l.Event {
	case detect.EventBooting, detect.EventWorkerExiting, detect.EventWorkerTimeout, detect.EventRestartScheduled:
		return ""
	case detect.EventWorkerKilled:
		return l.Attr["signal"]
	}
	return l.Text
}
