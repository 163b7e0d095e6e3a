package host

import (
	"os"
	"testing"
)

func TestWorkersAreKnownByNumberAndStart(t *testing.T) {
	old := workers{{pid: 10, start: "100"}, {pid: 11, start: "100"}}
	for name, tt := range map[string]struct {
		now  workers
		want int
	}{
		"the same":               {old, 0},
		"one of them left":       {old[:1], 0},
		"none":                   {nil, 0},
		"new ones":               {workers{{12, "300"}, {13, "300"}}, 2},
		"a number is used again": {workers{{10, "300"}}, 1},
	} {
		if got := tt.now.without(old); got != tt.want {
			t.Errorf("%s: %d new, want %d", name, got, tt.want)
		}
	}
}

func TestStartOfAProcess(t *testing.T) {
	one, ok := startOf(os.Getpid())
	two, _ := startOf(os.Getpid())
	if !ok || one == "" || one == "0" || one != two {
		t.Errorf("start of ourselves: %q, then %q", one, two)
	}
	if _, ok := startOf(0); ok {
		t.Error("a process that does not exist has a start")
	}
}
