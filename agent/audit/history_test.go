package audit

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

func TestHistory(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nowhere(t))
	intent := func(extra string) int64 {
		return add(t, l, KindIntent, `{"action":{"verb":"restart-unit","unit":"shop.service"}`+extra+`}`)
	}
	became := func(kind Kind, seq int64, o policy.Outcome) {
		add(t, l, kind, fmt.Sprintf(`{"seq":%d,"outcome":%q}`, seq, o))
	}
	open := intent(``)
	failed := intent(``)
	became(KindResult, failed, "")
	became(KindOutcome, failed, policy.Failed)
	back := intent(`,"case":{"incident":{"mended":true}}`)
	became(KindOutcome, back, policy.Recovered)
	became(KindOutcome, back, policy.CameBack)
	dry := intent(`,"dry":true`)
	became(KindResult, dry, policy.Would)
	odd := add(t, l, KindIntent, `"not even an object"`)
	became(KindOutcome, odd, "splendid")

	want := []policy.Entry{
		{Seq: open, Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.OutcomeOpen},
		{Seq: failed, Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.Failed},
		{Seq: back, Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.CameBack, Mended: true},
		{Seq: dry, Verb: policy.RestartUnit, Unit: "shop.service", Outcome: policy.Would, Shadow: true},
		{Seq: odd, Outcome: policy.OutcomeOpen},
	}
	fromFiles, err := History(dir, day)
	if err != nil {
		t.Fatal(err)
	}
	for from, got := range map[string][]policy.Entry{"the writer": l.History(day), "the files": fromFiles} {
		for i := range got {
			if got[i].At == 0 || got[i].Boot == "" || got[i].Site != "shop" || got[i].Incident != "7" {
				t.Errorf("%s: entry lacks its place: %+v", from, got[i])
			}
			got[i].At, got[i].Boot, got[i].Uptime, got[i].Site, got[i].Incident = 0, "", 0, "", ""
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("history of %s (-want +got):\n%s", from, diff)
		}
	}
}

func TestHistoryAgesByUptime(t *testing.T) {
	dir := t.TempDir()
	o := nowhere(t)
	now, up := detect.Time(1_748_779_200_000_000), 100*day
	o.Now, o.Boot = func() detect.Time { return now }, func() (string, detect.Span) { return "b", up }
	l := open(t, dir, o)
	add(t, l, KindIntent, `{}`)
	now = now.Add(30 * day) // the clock is set; no time has passed
	if got := l.History(day); len(got) != 1 {
		t.Error("setting the clock made an action forgotten")
	}
	up += 2 * day
	if got := l.History(day); len(got) != 0 {
		t.Error("an action is remembered beyond its window")
	}
}

func TestAnEditedOutcomeExcusesNothing(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, nowhere(t))
	seq := add(t, l, KindIntent, `{}`)
	add(t, l, KindOutcome, fmt.Sprintf(`{"seq":%d,"outcome":"failed"}`, seq))
	l.Close()
	path := onlySegment(t, dir)
	raw, _ := os.ReadFile(path)
	if err := os.WriteFile(path, bytes.Replace(raw, []byte(`"failed"`), []byte(`"recovered"`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	l = open(t, dir, nowhere(t))
	if got := l.History(day); len(got) != 1 || got[0].Outcome == policy.Recovered {
		t.Errorf("history %+v", got)
	}
}
