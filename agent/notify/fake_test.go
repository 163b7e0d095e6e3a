package notify

import (
	"context"
	"log/slog"

	"pgregory.net/rapid"
)

var quiet = slog.New(slog.DiscardHandler)

// fake is another end with moods. It remembers what it took, and what that stood for.
type fake struct {
	mood  string
	took  []string // ids
	stood map[string]bool
}

func (f *fake) to() string { return "fake" }

func (f *fake) carry(_ context.Context, p parcel) (string, error) {
	switch f.mood {
	case "down":
		return "", &failure{why: "down"}
	case "refuses":
		return "", &failure{why: "refused", forGood: true}
	case "killed": // it took the parcel, and we never heard of it
		f.take(p)
		return "", &failure{why: "no answer"}
	}
	f.take(p)
	return "taken", nil
}

func (f *fake) take(p parcel) {
	if f.stood == nil {
		f.stood = map[string]bool{}
	}
	for _, w := range p.tells {
		if f.mood != "killed" {
			f.took = append(f.took, w.ID)
		}
	}
	for _, w := range p.instead {
		f.stood[w.ID] = true
	}
}

// complete checks that each message was taken once, or is stood for by a later one of its
// incident; and that what tells of a recovery was taken itself.
func (f *fake) complete(t *rapid.T, sent map[string]Message) {
	times := map[string]int{}
	for _, id := range f.took {
		times[id]++
	}
	for id, m := range sent {
		switch {
		case times[id] > 1:
			t.Fatalf("%s was taken %d times", id, times[id])
		case times[id] == 1:
		case m.State == Healed:
			t.Fatalf("a recovery was lost: %+v", m)
		case !f.stood[id]:
			t.Fatalf("lost: %+v", m)
		}
	}
}
