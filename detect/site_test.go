package detect

import "testing"

func TestReaches(t *testing.T) {
	for _, test := range []struct {
		target, bind Target
		want         bool
	}{
		{TCP("127.0.0.1:8000"), TCP("0.0.0.0:8000"), true},
		{TCP("localhost:8000"), TCP("127.0.0.1:8000"), true},
		{TCP("127.0.0.1:8000"), TCP("[::]:8000"), true},
		{TCP("0.0.0.0:8000"), TCP("127.0.0.1:8000"), true},
		{TCP("10.0.0.5:8000"), TCP("0.0.0.0:8000"), true},
		{TCP("127.0.0.1:8000"), TCP("[::1]:8000"), false},
		{TCP("localhost:8000"), TCP("[::1]:8000"), true},
		{TCP("127.0.0.1:8000"), TCP("127.0.0.1:8001"), false},
		{TCP("127.0.0.1:8000"), TCP("10.0.0.5:8000"), false},
		{TCP("10.0.0.5:8000"), TCP("127.0.0.1:8000"), false},
		{Unix("/run/a"), Unix("/run/a"), true},
		{Unix("/run/a"), Unix("/run/b"), false},
		{Unix("/run/a"), TCP("127.0.0.1:80"), false},
		{Target{}, Target{}, false},
		{TCP("broken"), TCP("127.0.0.1:80"), false},
	} {
		if got := test.target.Reaches(test.bind); got != test.want {
			t.Errorf("%s reaches %s = %v", test.target, test.bind, got)
		}
	}
}

func TestLocal(t *testing.T) {
	for target, want := range map[Target]bool{Unix("/x"): true, TCP("127.0.0.1:1"): true, TCP("[::1]:1"): true,
		TCP("localhost:1"): true, TCP("10.0.0.5:1"): false, TCP("app:1"): false, {}: false} {
		if target.Local() != want {
			t.Errorf("%s: %v", target, !want)
		}
	}
}
