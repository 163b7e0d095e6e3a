package cli

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
)

func TestSpansAsAPersonSaysThem(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 755 * time.Millisecond: "755 ms", 2 * time.Second: "2 s", 7455 * time.Millisecond: "7.5 s", 41 * time.Second: "41 s",
		time.Minute: "1 min", 232 * time.Second: "3 min 52 s", time.Hour: "1 h", 125 * time.Minute: "2 h 5 min", 50 * time.Hour: "2 d 2 h",
	} {
		if got := span(detect.For(d)); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
	if got := span(detect.Forever); got != "for ever" {
		t.Errorf("got %q", got)
	}
}

func TestNumbersWithTheirNoun(t *testing.T) {
	if several(1, "site") != "1 site" || several(0, "site") != "0 sites" || several(2, "site") != "2 sites" {
		t.Error(several(1, "site"), several(0, "site"), several(2, "site"))
	}
}
