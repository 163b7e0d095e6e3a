package cli

import (
	"os"
	"testing"
)

func TestReadOnlyPicksOurOwnCodeOnly(t *testing.T) {
	for line, want := range map[string]bool{
		"00400000-00a52000 r-xp 00000000 00:2b 1234 /usr/bin/gatemend":           true,
		"00a52000-00f00000 r--p 00652000 00:2b 1234 /usr/bin/gatemend":           true,
		"00f00000-00f70000 rw-p 00b00000 00:2b 1234 /usr/bin/gatemend":           false, // may have been written to
		"00400000-00a52000 r-xs 00000000 00:2b 1234 /usr/bin/gatemend":           false,
		"7f0000000000-7f0000001000 r--p 00000000 00:2b 99 /usr/lib/locale/other": false,
		"c000000000-c000400000 rw-p 00000000 00:00 0":                            false,
		"00a52000-00400000 r-xp 00000000 00:2b 1234 /usr/bin/gatemend":           false,
		"": false,
	} {
		if _, ok := readOnly(line, "/usr/bin/gatemend"); ok != want {
			t.Errorf("readOnly(%q) = %v, want %v", line, ok, want)
		}
	}
}

// TestTrimLosesNothing: the code that was given back runs on.
func TestTrimLosesNothing(t *testing.T) {
	if len(ownCode()) == 0 {
		t.Fatal("this program's own code was not found")
	}
	trim()
	if _, err := os.Stat("/proc/self/exe"); err != nil {
		t.Error(err)
	}
}
