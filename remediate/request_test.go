package remediate

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRequestText(t *testing.T) {
	for _, tt := range []struct {
		r    Request
		want string
	}{
		{Request{Verb: Restart, Site: "shop", Route: "/", On: OnUnit}, "restart shop / unit"},
		{Request{Verb: Reload, Site: "shop", Route: "/a b", On: OnNginx}, "reload shop /a%20b nginx"},
		{Request{Verb: SetMode, Site: "shop", Route: "/", On: OnSocket, Mode: 0o660}, "set-mode shop / socket 0660"},
		{Request{Verb: SetMode, Site: "shop", Route: "/", On: OnDir, Mode: 0o2750, Group: "www-data"}, "set-mode shop / dir 2750 www-data"},
	} {
		if got := tt.r.String(); got != tt.want {
			t.Errorf("String() = %q, want %q", got, tt.want)
		}
		if got, err := ParseRequest(tt.want); err != nil || got != tt.r {
			t.Errorf("ParseRequest(%q) = %+v, %v", tt.want, got, err)
		}
	}
}

func TestParseRequestRefuses(t *testing.T) {
	for why, line := range map[string]string{
		"empty":                  "",
		"unknown verb":           "stop shop / unit",
		"nginx restarted":        "restart shop / nginx",
		"a unit's name":          "restart shop / sshd.service",
		"no site":                "restart  / unit",
		"newline":                "restart shop / unit\n",
		"two spaces":             "restart shop  / unit",
		"mode on restart":        "restart shop / unit 0660",
		"set-mode without mode":  "set-mode shop / socket",
		"setuid":                 "set-mode shop / socket 4755",
		"decimal":                "set-mode shop / socket 0689",
		"second spelling":        "set-mode shop / socket 660",
		"needless escape":        "restart %73hop / unit",
		"lower-case escape":      "restart shop /%c3 unit",
		"cut escape":             "restart shop /%2 unit",
		"mode on the unit":       "set-mode shop / unit 0660",
		"more fields":            "set-mode shop / socket 0660 www-data root",
		"too long":               "restart shop /" + strings.Repeat("a", MaxRequest) + " unit",
		"long once it is quoted": "restart shop /" + strings.Repeat(" ", MaxRequest/2) + " unit",
	} {
		if r, err := ParseRequest(line); err == nil {
			t.Errorf("%s: ParseRequest(%q) = %+v, want an error", why, line, r)
		}
	}
}

// Whatever passes Check has exactly one text form and survives it.
func TestRequestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Request{
			Verb:  rapid.SampledFrom([]Effect{Restart, Start, ResetFailed, Reload, DaemonReload, EndLeftovers, SetMode}).Draw(t, "verb"),
			Site:  string(rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "site")),
			Route: string(rapid.SliceOfN(rapid.Byte(), 1, 60).Draw(t, "route")),
			On:    rapid.SampledFrom([]On{OnUnit, OnSocket, OnNginx, OnDir}).Draw(t, "on"),
		}
		if r.Verb == SetMode {
			r.Mode = rapid.IntRange(1, maxMode).Draw(t, "mode")
		}
		if r.Check() != nil {
			t.Skip("not a request")
		}
		got, err := ParseRequest(r.String())
		if err != nil || got != r {
			t.Fatalf("ParseRequest(%q) = %+v, %v; want %+v", r.String(), got, err, r)
		}
	})
}

func FuzzParseRequest(f *testing.F) {
	f.Add("restart shop / unit")
	f.Add("set-mode shop /a%20b socket 0660 www-data")
	f.Add("set-mode x %2F dir 7777")
	f.Fuzz(func(t *testing.T, line string) {
		r, err := ParseRequest(line)
		if err != nil {
			return
		}
		if r.String() != line {
			t.Errorf("%q is read as %q", line, r.String())
		}
		if !slices.Contains(allowed[r.Verb], r.On) || len(line) > MaxRequest || strings.ContainsAny(line, "\n\x00") {
			t.Errorf("%q was accepted", line)
		}
	})
}
