package detect_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

const slackish = "https://ops:hunter22@hooks.example.com:8443/services/T0AAAAAAA/B0BBBBBBB/cAnArY1234567890?auth=tk_cAnArY&k=v#frag"

func TestSecretURLPrintsSchemeAndHost(t *testing.T) {
	s, err := detect.ParseSecretURL(slackish)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(map[string]any{"u": s, "p": &s})
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "u", s, "in", struct{ U detect.SecretURL }{s})
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "u", s, "in", struct{ U detect.SecretURL }{s})
	all := fmt.Sprintf("%v %+v %#v %s %q %v %+v %s %s", s, s, s, s, s, &s, struct{ U detect.SecretURL }{s}, asJSON, logged.String())
	for _, secret := range []string{"ops", "hunter22", "services", "T0AAAAAAA", "cAnArY", "tk_"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is shown in %s", secret, all)
		}
	}
	if s.String() != "https://hooks.example.com:8443" {
		t.Errorf("String() = %q", s)
	}
	if got := s.Reveal().String(); got != strings.TrimSuffix(slackish, "#frag") {
		t.Errorf("Reveal() = %q", got)
	}
	s.Reveal().Host = "elsewhere"
	if s.String() != "https://hooks.example.com:8443" {
		t.Error("what Reveal gives is shared")
	}
}

func TestSecretURLErrorsHoldNoSecret(t *testing.T) {
	for _, bad := range []string{"", "cAnArY", "hooks.example.com/cAnArY", "ftp://h/cAnArY", "https:///cAnArY", "https://h/cAnArY\x00", "https://h/c AnArY",
		"https://h/%zzcAnArY", "http://[::1/cAnArY", "https://user:cAnArY@:99999999/", "https://h:cAnArY/"} {
		s, err := detect.ParseSecretURL(bad)
		if err == nil {
			t.Errorf("%q is taken for %q", bad, s.Reveal())
		} else if strings.Contains(err.Error(), "AnArY") {
			t.Errorf("the error holds the secret: %v", err)
		}
	}
	if none := (detect.SecretURL{}); none.Set() || none.String() != "" || none.Hide("x") != "x" || none.Reveal() == nil {
		t.Error("the zero value is not empty")
	}
}

func TestSecretURLHidesItself(t *testing.T) {
	s, _ := detect.ParseSecretURL(slackish)
	for text, want := range map[string]string{
		"404 page not found: /services/T0AAAAAAA/B0BBBBBBB/cAnArY1234567890": "404 page not found: [hidden]",
		"no such token cAnArY1234567890 here":                                "no such token [hidden] here",
		"auth=tk_cAnArY":                                                     "auth=[hidden]",
		"hunter22":                                                           "[hidden]",
		"invalid_token":                                                      "invalid_token",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("Hide(%q) = %q, want %q", text, got, want)
		}
	}
}

// Whatever URL is taken, no piece of it that is long enough to be a secret is left in a text.
func FuzzSecretURL(f *testing.F) {
	f.Add(slackish, "said ")
	f.Add("https://h/aaaaaa/aaaaaabbbbbb?x=aaaaaa", "aaaaaaaaaabbbbbbaaaaaa")
	f.Fuzz(func(t *testing.T, raw, around string) {
		s, err := detect.ParseSecretURL(raw)
		if err != nil {
			return
		}
		u := s.Reveal()
		if got := fmt.Sprintf("%v%+v%#v", s, s, s); u.RawQuery != "" && len(u.RawQuery) > 8 && strings.Contains(strings.ReplaceAll(got, u.Host, ""), u.RawQuery) {
			t.Errorf("the query is shown in %q", got)
		}
		for _, piece := range strings.Split(u.Path, "/") {
			if len(piece) >= 8 && !strings.Contains("[hidden]", piece) && strings.Contains(s.Hide(around+"|"+piece+"|"+around), "|"+piece+"|") {
				t.Errorf("%q is left of %q", piece, raw)
			}
		}
		if _, err := url.Parse(u.String()); err != nil {
			t.Errorf("what is revealed is no URL: %v", err)
		}
	})
}
