package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gatemend/gatemend/detect"
)

// steering are texts that would make a terminal do something, or show something else than is there.
var steering = []string{
	"\x1b[2J\x1b[H", "\x1b]0;title\a", "\x1b]52;c;cm0gLXJm\a", "\x1bP+q\x1b\\", "\x1b[8m", "\x1b[31;8m", "\x1b[1A", "\x1b[?1049h",
	"\u009b2J", "\u0090q\u009c", "\b\b\b", "\r", "\v\f", "\x00", "\x7f", "\x0e",
	"\u202egpj.exe", "\u2066\u2069", "\u200b\u200d\ufeff", "\u2028\u2029", "\U000e0041", "\ue000", "\xff\x9b2J", "\xc2",
}

// control finds what no terminal may get: everything that is not printable but newline, tab and
// the sequences of ours.
func control(text string) (found []string) {
	for _, o := range ours {
		text = strings.ReplaceAll(text, o, "")
	}
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") || r != '\n' && r != '\t' && !detect.Printable(r) {
			found = append(found, text[i:min(len(text), i+8)])
		}
	}
	return found
}

func TestScreenLetsNothingSteerTheTerminal(t *testing.T) {
	for _, s := range steering {
		var out bytes.Buffer
		n, err := io.WriteString(screen{&out}, "before "+s+" after\n")
		if err != nil || n != len(s)+14 {
			t.Errorf("%q: %d, %v", s, n, err)
		}
		if bad := control(out.String()); bad != nil {
			t.Errorf("%q reaches the terminal as %q", s, bad)
		}
		if !strings.HasPrefix(out.String(), "before ") || !strings.HasSuffix(out.String(), " after\n") {
			t.Errorf("%q: what stands around it became %q", s, out.String())
		}
	}
}

func TestScreenLeavesOursAndHonestTextAlone(t *testing.T) {
	for _, s := range append([]string{"✓ né 日本語 → „x“\n\tx", paint(true).red("no") + paint(true).bold("b")}, ours...) {
		var out bytes.Buffer
		if _, err := io.WriteString(screen{&out}, s); err != nil || out.String() != s {
			t.Errorf("%q became %q, %v", s, out.String(), err)
		}
	}
}

// TestScreenKeepsJSON: a document stays one, and says the same.
func TestScreenKeepsJSON(t *testing.T) {
	for _, s := range steering {
		if !utf8.ValidString(s) {
			continue // the encoder has replaced that
		}
		var out bytes.Buffer
		if err := json.NewEncoder(screen{&out}).Encode(map[string]string{"text": s}); err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || got["text"] != s {
			t.Errorf("%q became %q: %v", s, out.String(), err)
		}
	}
}

// TestMainPrintsThroughTheScreen: both streams, and the error that ends a verb.
func TestMainPrintsThroughTheScreen(t *testing.T) {
	var out, errOut bytes.Buffer
	Main([]string{"explain", "/no/\x1b[2J\u009b"}, strings.NewReader(""), &out, &errOut)
	if errOut.Len() == 0 || control(errOut.String()) != nil {
		t.Errorf("standard error gets %q", errOut.String())
	}
	out.Reset()
	document := `{"facts": {"\u001b[2J": "\u009b"}, "gunicorn_journal": ["ModuleNotFoundError: No module named 'x'\u001b]0;t\u0007\u202e"]}`
	for _, args := range [][]string{{"explain", "--trace", "-"}, {"explain", "--json"}} {
		out.Reset()
		Main(args, strings.NewReader(document), &out, &errOut)
		if out.Len() == 0 || control(out.String()+errOut.String()) != nil {
			t.Errorf("%v: standard output gets %q, standard error %q", args, out.String(), errOut.String())
		}
	}
}

// TestLogOnATerminal: tint turns an escaped ESC into a real one where it quotes.
func TestLogOnATerminal(t *testing.T) {
	for _, kind := range []string{"pretty", "json"} {
		for _, s := range steering {
			var out bytes.Buffer
			log, err := newLogger(screen{&out}, kind)
			if err != nil {
				t.Fatal(err)
			}
			log.With("k "+s, "v "+s).Error("said "+s, "what", "a b "+s, "err", errors.New("failed "+s), "cause", detect.Cause("c "+s))
			if bad := control(out.String()); bad != nil || strings.Count(out.String(), "\n") != 1 {
				t.Errorf("%s: %q reaches the terminal as %q: %q", kind, s, bad, out.String())
			}
		}
	}
}

func TestLogHoldsNoSecrets(t *testing.T) {
	for _, kind := range []string{"pretty", "json"} {
		var out bytes.Buffer
		log, err := newLogger(screen{&out}, kind)
		if err != nil {
			t.Fatal(err)
		}
		log.Warn("cannot do it", "err", errors.New("postgres://shop:CaNaRy@db refused"), "what", "token=CaNaRy")
		if strings.Contains(out.String(), "CaNaRy") {
			t.Error(out.String())
		}
	}
}

// TestATerminalIsSeenThroughTheScreen: or nobody would get colour.
func TestATerminalIsSeenThroughTheScreen(t *testing.T) {
	tty := terminal(t)
	if !isTerminal(screen{tty}) || !isTerminal(&results{Writer: screen{tty}}) || isTerminal(screen{&bytes.Buffer{}}) {
		t.Error("the screen hides a terminal")
	}
}

func FuzzScreen(f *testing.F) {
	for _, s := range steering {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var out bytes.Buffer
		if n, err := io.WriteString(screen{&out}, s); err != nil || n != len(s) {
			t.Fatalf("%d of %d, %v", n, len(s), err)
		}
		if bad := control(out.String()); bad != nil {
			t.Errorf("%q gives %q", s, bad)
		}
	})
}
