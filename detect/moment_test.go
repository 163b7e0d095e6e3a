package detect

import (
	"math"
	"testing"
)

func TestMomentSince(t *testing.T) {
	for name, tt := range map[string]struct {
		now, then Moment
		want      Span
	}{
		"one boot":                 {Moment{100, "b", 50}, Moment{70, "b", 20}, 30},
		"the clock was set back":   {Moment{10, "b", 50}, Moment{70, "b", 20}, 30},
		"the clock was set ahead":  {Moment{9000, "b", 50}, Moment{70, "b", 20}, 30},
		"another boot":             {Moment{100, "b", 50}, Moment{70, "a", 49}, 30},
		"another boot, and ahead":  {Moment{10, "b", 50}, Moment{70, "a", 20}, 0},
		"no boot is known":         {Moment{100, "", 50}, Moment{70, "", 49}, 30},
		"a later time of one boot": {Moment{100, "b", 20}, Moment{70, "b", 50}, 0},
		"beyond what a span holds": {Moment{math.MaxInt64, "b", 0}, Moment{math.MinInt64, "a", 0}, Forever},
	} {
		if got := tt.now.Since(tt.then); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}
