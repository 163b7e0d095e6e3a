package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

func channels(t *testing.T, notify string) []Notify {
	t.Helper()
	c, err := Parse("x", []byte("notify:\n"+notify+"\nsites: {}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return c.Notify
}

// TestChannelsHaveStableNames: the same file gives the same names, and an address may change.
func TestChannelsHaveStableNames(t *testing.T) {
	var names []string
	for _, n := range channels(t, `
  - {command: [/usr/local/bin/Page_Me.sh, x]}
  - {webhook: {url: "https://a/b", template: slack}}
  - {webhook: {url: "https://a/c", template: slack}}
  - {webhook: {url: "https://a/d"}}
  - {ntfy: {url: "https://a/e", tags: [computer]}}
  - {heartbeat: {url: "http://127.0.0.1:9/f", every: 1m}}
  - {name: ops, webhook: {url_file: /etc/gatemend/ops.url, template: discord}}
  - {command: [/opt/42]}`) {
		names = append(names, n.Name)
	}
	if got := strings.Join(names, " "); got != "page-me-sh slack slack-2 webhook ntfy heartbeat ops command" {
		t.Errorf("names: %s", got)
	}
}

func TestChannelsHaveDefaults(t *testing.T) {
	all := channels(t, `  [{webhook: {url: "https://a/b"}}, {ntfy: {url: "https://a/b"}}, {heartbeat: {url: "http://hc.example/b"}}]`)
	if all[0].Webhook.Template != "json" || all[1].Ntfy.Priority != "high" || all[2].Heartbeat.Every != 5*minute {
		t.Errorf("%+v %+v %+v", all[0].Webhook, all[1].Ntfy, all[2].Heartbeat)
	}
	if all[0].Plain() || !all[2].Plain() {
		t.Error("plain http is not told from https")
	}
	if shown := fmt.Sprintf("%v %+v %v", all, all, all[0].Webhook); strings.Contains(shown, "a/b") {
		t.Errorf("the URL is shown: %s", shown)
	}
}

// TestNoProblemShowsASecret: wherever a URL stands in a file that is wrong, messages hold no
// more of it than scheme and host.
func TestNoProblemShowsASecret(t *testing.T) {
	const canary = "sEcReTcAnArY"
	for _, text := range []string{
		"notify: https://h/" + canary, "notify: [https://h/" + canary + "]", "notify: [{webhook: {url: https://h/x/" + canary,
		"notify: [{webhook: {url: h/" + canary + "}}]", "notify: [{ntfy: {url: \"h/" + canary + "\", x: 1}}]",
		"notify: [{webhook: {url: https://u:" + canary + "@h/?a=" + canary + ", bad: 1}}]",
		"notify:\n- webhook:\n    url: 'https://h/?k=" + canary + "'\n  ntfy: {}\nmode: x", "mode: x\n# url: https://h/" + canary + "\n",
		"notify: [{webhook: {url: [https://h/" + canary + "]}}]", "https://h/" + canary + ": 1", "notify: [{https://h/" + canary + ": 1}]",
		"notify: [{heartbeat: https://h/" + canary + "}]", "notify: [{webhook: \"h/" + canary + "\"}]",
	} {
		_, err := Parse("x", []byte(text))
		if err == nil {
			t.Errorf("%s is taken", text)
		} else if strings.Contains(err.Error(), canary) {
			t.Errorf("%s:\n%v", text, err)
		}
	}
}

func TestURLFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ops.url")
	me := Owner(os.Getuid())
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		owner      Owner
		complain   string
	}{
		{"a URL and a newline", "https://h/sEcReT\nand a note\n", 0o640, me, ""},
		{"for everybody", "https://h/sEcReT\n", 0o644, me, "may be read by everybody"},
		{"others may write", "https://h/sEcReT\n", 0o662, me, "may be written"},
		{"another's", "https://h/sEcReT\n", 0o600, me + 1, "does not belong"},
		{"no URL", "sEcReT\n", 0o600, me, "is no URL to go to"},
		{"empty", "", 0o600, me, "is no URL to go to"},
		{"endless", strings.Repeat("sEcReT", 1<<16), 0o600, me, "is no URL to go to"},
	} {
		if err := errors.Join(os.WriteFile(path, []byte(c.text), 0o600), os.Chmod(path, c.mode)); err != nil {
			t.Fatal(err)
		}
		u, err := Address{File: path}.readAs(c.owner)
		switch {
		case c.complain == "" && (err != nil || u.Reveal().String() != "https://h/sEcReT"):
			t.Errorf("%s: %v, %v", c.name, u, err)
		case c.complain != "" && (err == nil || !strings.Contains(err.Error(), c.complain)):
			t.Errorf("%s: %v", c.name, err)
		case err != nil && strings.Contains(err.Error(), "sEcReT"):
			t.Errorf("%s: the error holds the secret: %v", c.name, err)
		}
	}
	if _, err := (Address{File: filepath.Dir(path)}).readAs(me); err == nil {
		t.Error("a directory is read")
	}
}

// TestCheckTellsOfChannels: what cannot be told is a problem, and no reason not to heal.
func TestCheckTellsOfChannels(t *testing.T) {
	c, err := Parse("x", []byte("notify: [{command: [/opt/page]}, {ntfy: {url_file: /nonexistent/url}}, {command: [/bin/true]}]\nsites: {}\n"))
	if err != nil {
		t.Fatal(err)
	}
	ps, err := Check(t.Context(), c, world{kinds: map[string]string{"/opt/page": "broken"}})
	if err != nil || len(ps) != 2 {
		t.Fatalf("%v, %v", ps, err)
	}
	if want := "x:1: /opt/page cannot be run: permission denied; write the path of a program"; ps[0].Error() != want {
		t.Errorf("%q, want %q", ps[0].Error(), want)
	}
	never := func(string) bool { return false }
	if len(ps.Fatal(never)) != 0 || len(ps.Tolerated(never)) != 2 {
		t.Errorf("%d keep the agent from starting", len(ps.Fatal(never)))
	}
}

var _ fmt.Stringer = detect.SecretURL{}
