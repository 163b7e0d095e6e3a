package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// TestExplainEveryCause: each label says what it means, how it is established, what is done and how to mend it.
func TestExplainEveryCause(t *testing.T) {
	for _, i := range detect.Catalogue {
		var out, errOut bytes.Buffer
		if code := Main([]string{"explain", string(i.Cause)}, strings.NewReader(""), &out, &errOut); code != 0 {
			t.Fatalf("%s: exit code %d: %s", i.Cause, code, errOut.String())
		}
		for _, want := range []string{string(i.Cause) + ": " + i.Title, i.Meaning, "seen by  " + i.Seen, "done     ", " person", "to mend  " + i.Mend} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s does not say %q:\n%s", i.Cause, want, out.String())
			}
		}
	}
}
