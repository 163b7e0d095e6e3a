package policy

import (
	"testing"
)

func TestCanonical(t *testing.T) {
	got, err := Canonical(map[string]any{"b": int64(1<<62 + 1), "a": "<&> é", "c": []string{}})
	if want := `{"a":"<&> é","b":4611686018427387905,"c":[]}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	for _, v := range []any{1.5, map[string]any{"x": []float64{1e30}}, func() {}} {
		if got, err := Canonical(v); err == nil {
			t.Errorf("%v became %s, want an error", v, got)
		}
	}
}
