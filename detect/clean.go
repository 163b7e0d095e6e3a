package detect

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// TextMax is the longest text of a line that is kept, in bytes.
const TextMax = 512

// Clean makes hostile text fit to be kept and shown: invalid UTF-8 and control characters
// are escaped (nginx 1.18 writes a client's ESC into its error log as it came), secrets
// are taken out, and it is cut at [TextMax] bytes.
func Clean(s string) string {
	if len(s) > 4*TextMax {
		s = s[:4*TextMax]
	}
	return cut(Scrub(Escape(s)), TextMax)
}

// Escape writes control characters and invalid UTF-8 as \xHH or \uHHHH.
func Escape(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			hex(&b, `\x`, uint32(s[i]), 2)
		case r < 0x20 || r == 0x7f:
			hex(&b, `\x`, uint32(r), 2)
		case hidden(r):
			hex(&b, `\u`, uint32(r), 4)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// hidden are the C1 controls and what changes the direction of text or has no width.
func hidden(r rune) bool {
	return r >= 0x80 && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
}

func hex(b *strings.Builder, lead string, v uint32, digits int) {
	const table = "0123456789abcdef"
	b.WriteString(lead)
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		b.WriteByte(table[v>>uint(shift)&15])
	}
}

func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	end := max - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

const hiddenText = "[hidden]"

var (
	// scheme://user:password@host, as DATABASE_URL and broker URLs have it.
	secretURL = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@"']*):[^\s@"']+@`)
	// NAME=value, NAME: value, 'NAME': 'value', with a name that speaks of a secret.
	secretPair = regexp.MustCompile(`(?i)([a-z0-9_-]*(?:secret|passw|passwd|token|api[_-]?key|private[_-]?key|access[_-]?key|credential|dsn)[a-z0-9_-]*["']?\s*(?:=|:)\s*["']?)([^\s"'&,;\])]+)`)
	// Authorization: Bearer …, Cookie: …
	secretHeader = regexp.MustCompile(`(?i)((?:authorization|cookie|set-cookie)["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token)\s+)?)([^\s"']+)`)
	// what looks like a key by itself: AWS, GitHub, Slack, Stripe, JWT.
	secretShape = regexp.MustCompile(`\b(?:AKIA[0-9A-Z]{12,}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abp]-[A-Za-z0-9-]{10,}|[sr]k_live_[A-Za-z0-9]{10,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)`)
)

// Scrub replaces what looks like a secret by "[hidden]". It is a net, not a proof: the
// first line of defence is not to collect values at all.
func Scrub(s string) string {
	if strings.Contains(s, "://") && strings.Contains(s, "@") {
		s = secretURL.ReplaceAllString(s, "${1}:"+hiddenText+"@")
	}
	if lower := strings.ToLower(s); mentions(lower, headerWords) {
		s = secretHeader.ReplaceAllString(s, "${1}"+hiddenText)
	} else if !mentions(lower, pairWords) {
		return hideShapes(s)
	}
	return hideShapes(secretPair.ReplaceAllStringFunc(s, hidePair))
}

// The expressions cost some 100 µs a line; these words, without which none of them can
// match, cost one.
var (
	headerWords = []string{"authorization", "cookie"}
	pairWords   = []string{"secret", "passw", "token", "api_key", "api-key", "apikey", "private", "access", "credential", "dsn"}
	shapeWords  = []string{"AKIA", "gh", "xox", "k_live_", "eyJ"}
)

func mentions(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func hideShapes(s string) string {
	if !mentions(s, shapeWords) {
		return s
	}
	return secretShape.ReplaceAllString(s, hiddenText)
}

// hidePair keeps a KeyError's missing name: "'API_TOKEN'" has no value behind it.
func hidePair(m string) string {
	p := secretPair.FindStringSubmatch(m)
	if strings.HasPrefix(p[2], hiddenText[:1]) || strings.HasPrefix(p[2], "//") {
		return m
	}
	return p[1] + hiddenText
}
