package hostinfo

import "testing"

// FuzzCounts: tables of /proc and of control groups, whose names anybody may choose.
func FuzzCounts(f *testing.F) {
	f.Add("oom_kill 3\nlow 0\n")
	f.Add("MemTotal:  12 kB\nMemAvailable:\n")
	f.Fuzz(func(t *testing.T, text string) {
		count(text)
		for _, v := range fields(text, ":") {
			kib(v)
		}
	})
}
