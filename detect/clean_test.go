package detect_test

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain text: nothing to do":                         "plain text: nothing to do",
		"a\x1b[31mred\x07":                                  `a\x1b[31mred\x07`,
		"bad \xff byte":                                     `bad \xff byte`,
		"right\u202eto left":                                `right\u202eto left`,
		"postgres://shop:hunter2@db/shop":                   "postgres://shop:[hidden]@db/shop",
		"SECRET_KEY=abc123 PATH=/bin":                       "SECRET_KEY=[hidden] PATH=/bin",
		`{"api_key": "abc123", "n": 1}`:                     `{"api_key": "[hidden]", "n": 1}`,
		"KeyError: 'API_TOKEN'":                             "KeyError: 'API_TOKEN'",
		"Authorization: Bearer abc.def":                     "Authorization: Bearer [hidden]",
		"key AKIAIOSFODNN7EXAMPLE here":                     "key [hidden] here",
		"GET /?access_token=abcdef HTTP/1.1":                "GET /?access_token=[hidden] HTTP/1.1",
		"connect() to unix:/run/a.sock failed (2: No such)": "connect() to unix:/run/a.sock failed (2: No such)",
	} {
		if got := detect.Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := detect.Clean(strings.Repeat("é", 1000)); len(got) > detect.TextMax || !strings.HasSuffix(got, "…") {
		t.Errorf("%d bytes, ends %q", len(got), got[len(got)-4:])
	}
}

func FuzzClean(f *testing.F) {
	f.Add("SECRET=\x00\xffpostgres://a:b@c")
	f.Fuzz(func(t *testing.T, s string) {
		got := detect.Clean(s)
		if len(got) > detect.TextMax {
			t.Fatalf("%d bytes", len(got))
		}
		for _, r := range got {
			if r < 0x20 || r == 0x7f {
				t.Fatalf("control character in %q", got)
			}
		}
	})
}
