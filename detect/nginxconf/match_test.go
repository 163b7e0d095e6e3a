package nginxconf

import (
	"os"
	"strings"
	"testing"
)

// TestLocationsAreMatchedAsNginxDoes: each location of testdata/match answers with its own line
// number; answers.tsv is what a running nginx 1.22.1 answered to host and path.
func TestLocationsAreMatchedAsNginxDoes(t *testing.T) {
	dump, err := os.ReadFile("testdata/match/dump.txt")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(dump)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := os.ReadFile("testdata/match/answers.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(answers)), "\n")
	if len(rows) < 150 {
		t.Fatalf("only %d rows", len(rows))
	}
	for _, row := range rows {
		f := strings.Split(row, "\t")
		got := c.Site(f[0], f[1])
		text := got.Location + " " + strings.Join(got.Answers, " ")
		switch status := f[2]; {
		case status == "200" && !strings.HasPrefix(got.Location, "/run/match/o.conf:"+f[3]+":"),
			status == "301" && !strings.Contains(text, "redirects"),
			status == "502" && len(got.Upstreams) == 0:
			t.Errorf("%s%s: nginx %s %s, here %s", f[0], f[1], status, f[3], text)
		}
	}
}
