package detect

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Records of before advice told whether it lasts are read as well: an upgrade loses no open incident.
func TestAdviceOfEveryVersion(t *testing.T) {
	for text, want := range map[string][]Advice{
		`["systemctl restart shop.service", "and \"more\""]`:                      {{Text: "systemctl restart shop.service"}, {Text: "and \"more\""}},
		`[{"text":"systemctl restart shop.service"},{"text":"x","lasting":true}]`: {{Text: "systemctl restart shop.service"}, {Text: "x", Lasting: true}},
	} {
		var f Finding
		if err := json.Unmarshal([]byte(`{"cause":"gunicorn-crashed","advice":`+text+`}`), &f); err != nil || !cmp.Equal(f.Advice, want) {
			t.Errorf("%s: %v, %v", text, f.Advice, err)
		}
		raw, err := json.Marshal(f)
		var again Finding
		if err != nil || json.Unmarshal(raw, &again) != nil || !cmp.Equal(again, f) {
			t.Errorf("%s is not read again: %v", raw, err)
		}
	}
	if err := json.Unmarshal([]byte(`[7]`), new([]Advice)); err == nil {
		t.Error("took a number for an advice")
	}
}

func TestLasting(t *testing.T) {
	f := Finding{Advice: []Advice{{Text: "now"}, {Text: "for good", Lasting: true}}}
	if got := f.Advised(); !cmp.Equal(got, []string{"now", "for good"}) {
		t.Errorf("advised %q", got)
	}
	if got := f.Lasting(); !cmp.Equal(got, []string{"for good"}) {
		t.Errorf("lasting %q", got)
	}
}
