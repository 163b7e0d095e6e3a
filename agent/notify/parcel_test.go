package notify

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func waits(all ...Message) (l []waiting) {
	for i, m := range all {
		l = append(l, waiting{name: fmt.Sprintf("%020d.json", i), Message: m})
	}
	return l
}

// TestPack: what a later message of the same incident has overtaken is told by that one.
func TestPack(t *testing.T) {
	sick, still, healed := about("shop", "a", 1, "NOT healed"), about("shop", "a", 2, Still), about("shop", "a", 3, Healed)
	other, blind := about("blog", "b", 1, "NOT healed"), Message{ID: "x", Site: "shop", State: Blind}
	for _, c := range []struct {
		name     string
		together bool
		in       []Message
		want     string // ids of each parcel, and in brackets what it stands for
	}{
		{"one", true, []Message{sick}, "a.1"},
		{"overtaken by a reminder", false, []Message{sick, still}, "a.2[a.1]"},
		{"overtaken by recovery", false, []Message{sick, still, healed}, "a.3[a.1 a.2]"},
		{"recovery is never overtaken", false, []Message{healed, still}, "a.3 a.2"},
		{"apart for programs", false, []Message{sick, other, healed}, "b.1 a.3[a.1]"},
		{"together for people", true, []Message{sick, other, healed}, "b.1+a.3[a.1]"},
		{"without incident", false, []Message{blind, blind, sick}, "x x a.1"},
		{"one site is no group", true, []Message{blind, sick}, "x a.1"},
	} {
		var got []string
		for _, p := range pack(waits(c.in...), c.together) {
			s := strings.Join(ids(p.tells), "+")
			if len(p.instead) > 0 {
				s += "[" + strings.Join(ids(p.instead), " ") + "]"
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %q, want %q", c.name, s, c.want)
		}
	}
}

func ids(all []waiting) (l []string) {
	for _, w := range all {
		l = append(l, w.ID)
	}
	return l
}

// Each message is told or stood for exactly once, each recovery is told, and nobody gets a
// text that does not fit a phone.
func TestPackLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Message
		for i := range rapid.IntRange(0, 40).Draw(t, "n") {
			m := about(rapid.SampledFrom([]string{"shop", "blog", "wiki"}).Draw(t, "site"), rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "incident"), i,
				rapid.SampledFrom([]string{Healed, Still, "NOT healed", Degraded}).Draw(t, "state"))
			m.ID, m.Proof, m.Advice = fmt.Sprint(i), rapid.String().Draw(t, "proof"), []string{rapid.String().Draw(t, "advice")}
			all = append(all, m)
		}
		seen := map[string]int{}
		for _, p := range pack(waits(all...), rapid.Bool().Draw(t, "together")) {
			p.dropped = rapid.IntRange(0, 3).Draw(t, "dropped")
			if len(p.tells) == 0 {
				t.Fatal("an empty parcel")
			}
			for _, w := range p.tells {
				seen[w.ID]++
			}
			for _, w := range p.instead {
				seen[w.ID]++
				if w.State == Healed {
					t.Fatalf("a recovery is not told: %+v", w)
				}
			}
			lines := strings.Split(p.text(), "\n")
			if len(lines) > mostLines || slices.ContainsFunc(lines, func(l string) bool { return utf8.RuneCountInString(l) > widest }) {
				t.Fatalf("%d lines:\n%s", len(lines), p.text())
			}
		}
		for _, m := range all {
			if seen[m.ID] != 1 {
				t.Fatalf("%s is there %d times", m.ID, seen[m.ID])
			}
		}
	})
}

// TestBodies holds what each kind of receiver gets, to the byte.
func TestBodies(t *testing.T) {
	try := testMessage("box", 1_700_000_000_000_000)
	try.ID = "test"
	evil := message()
	evil.Proof = "<!channel> & @everyone ``` <http://evil|x> \x1b[2J"
	healed := message()
	healed.ID, healed.State = "i.2.healed", Healed
	other := about("blog", "j", 1, "NOT healed")
	other.Advice = []string{"free some space on /var"}
	for name, p := range map[string]parcel{
		"one": {tells: waits(evil), instead: waits(healed, healed), dropped: 2}, "group": {tells: waits(evil, other, healed)},
		"test": {tells: waits(try)},
	} {
		for template, body := range templates {
			raw, err := body.body(p)
			if err != nil {
				t.Fatal(err)
			}
			same(t, filepath.Join("testdata", "body", name+"-"+template+".json"), indented(t, raw))
		}
	}
}

func indented(t *testing.T, raw []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	pretty, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(pretty) + "\n"
}

func same(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s:\n%s", file, d)
	}
}

// Several sites that fall sick within a short time are one message, where a person reads it,
// and one each for a program.
func TestSitesTogether(t *testing.T) {
	people, programs := receive(t, nil), receive(t, nil)
	n := notifier(t, t.TempDir(), hook("slack", people.URL, "slack"), hook("json", programs.URL, "json"))
	n.channels[0].pace.gather = 500 * time.Millisecond
	for _, site := range []string{"shop", "blog", "wiki"} {
		send(t, n, about(site, "i-"+site, 1, "NOT healed"))
	}
	runs(t, n)
	eventually(t, "all has arrived", func() bool { return pending(n) == 0 })
	if got, _ := people.all(); len(got) != 1 || !strings.Contains(got[0].body, "3 sites: 3 NOT healed") || !strings.Contains(got[0].body, "box wiki") {
		t.Errorf("people got %+v", got)
	}
	if got := programs.ids(t); len(got) != 3 {
		t.Errorf("programs got %q", got)
	}
	if s := n.Standing(); s[0].Delivered != 3 || s[1].Delivered != 3 {
		t.Errorf("%+v", s)
	}
}
