package agent

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// NoteReload records what became of a reload. A configuration that was refused is told to a person,
// once for the same problems until one was taken.
func (a *Agent) NoteReload(ctx context.Context, r Reloaded) {
	a.record(ctx, RecordReload, "", "", "", r)
	a.mu.Lock()
	known := slices.Equal(a.refused, r.Refused)
	a.refused = r.Refused
	a.mu.Unlock()
	if known || len(r.Refused) == 0 {
		return
	}
	if err := a.post(ctx, a.refusal(r)); err != nil {
		a.Log.Error("cannot send a message", "state", ToldConfig, "err", err)
		a.mu.Lock()
		a.refused = nil
		a.mu.Unlock()
	}
}

func (a *Agent) refusal(r Reloaded) Message {
	m := Message{
		ID: fmt.Sprintf("config.%d", int64(r.At)), At: r.At, Host: a.Host, Mode: a.mode(), State: ToldConfig,
		Title: "the new configuration is wrong", Proof: firstLine(r.Refused[0]),
		Did: "the old configuration is kept", Command: "sudo gatemend check", More: "gatemend status",
	}
	for _, why := range r.Refused[1:] {
		m.Advice = append(m.Advice, firstLine(why))
	}
	if n := len(r.Refused); n > 1 {
		m.Title = fmt.Sprintf("the new configuration has %d problems", n)
	}
	return m
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
