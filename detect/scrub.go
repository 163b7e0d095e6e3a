package detect

import (
	"regexp"
	"strings"
	"unicode"
)

const hiddenText = "[hidden]"

// Scrub replaces what looks like a secret by "[hidden]". It is a net, not a proof: the
// first line of defence is not to collect values at all. Hiding too much costs a person a look
// into the log itself; hiding too little costs a password.
func Scrub(s string) string {
	s = hideShapes(s)
	if strings.Contains(s, "://") {
		s = hideCredentials(s)
	}
	if strings.Contains(s, "?") && strings.Contains(s, "=") {
		s = query.ReplaceAllStringFunc(s, hideValues)
	}
	lower := strings.ToLower(s)
	header := mentions(lower, headerWords)
	if header {
		s = hideEach(s, secretHeader, isHeader)
	}
	if header || mentions(lower, pairWords) {
		s = hideEach(s, secretOption, always)
		s = hideEach(s, secretPair, isPair)
		s = hideEach(s, secretTuple, always)
	}
	if mentions(lower, schemeWords) {
		s = authScheme.ReplaceAllStringFunc(s, hideScheme)
	}
	return s
}

// A value ends at its own quote, or at a blank or any quote where it has none. Of JSON in a string
// the quotes are escaped.
const (
	quoted = `\\*[brfu]{0,2}"(?:[^"\\]|\\[^"]|\\"[^\s,;:)\]}])*\\*"?|\\*[brfu]{0,2}'(?:[^'\\]|\\[^'])*\\*'?`
	value  = quoted + `|[^\s"']+`
)

// names of what is secret: parts of a name, and whole names.
const names = `(?:[a-z0-9_.-]*(?:secret|passw|passphrase|token|api_?key|credential|dsn|signature|csrf|xsrf|jwt|session_?id)[a-z0-9_.-]*|\b(?:[a-z0-9]+[_-])*(?:pass|pwd|pw|auth|sig|sid|otp)\b|\b(?:[a-z0-9]+[_-])+keys?\b)`

var (
	// scheme://user:password@host, as DATABASE_URL and broker URLs have it; a password may hold
	// "/" and "@", and the user alone may be the token.
	credentials = regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://)([^\s:/?#@"'<>]*)(:[^\s/"'<>]*[^\s/"'<>0-9][^\s"'<>]*@|:[^\s/?#"'<>]*@|[^\s:/?#"'<>]*@)`)
	// the same, cut off before its "@". What may stand behind a colon in a whole URL is a port.
	cutCredentials = regexp.MustCompile(`^(://[^\s:/?#@"'<>\[\]]*):[^\s/@"'<>]*[^\s/@"'<>0-9:;,)…][^\s/@"'<>]*$`)
	// the paths of webhooks are their secrets.
	hookPath = regexp.MustCompile(`(?i)(hooks\.slack\.com/\w+/|discord(?:app)?\.com/api/webhooks/|api\.telegram\.org/bot)[^\s"'<>]+`)
	// a query, as requests, Referer and Location have it.
	query      = regexp.MustCompile(`\?[^\s"'<>?=]*=[^\s"'<>]*`)
	queryValue = regexp.MustCompile(`=[^&;]+`)
	// NAME=value, NAME: value, 'NAME': 'value', config["NAME"] = "value".
	secretPair = regexp.MustCompile(`(?i)(` + names + `\\*["']?\]?\s*(?:=>|:=|=|:)\s*)(` + value + `)`)
	// ('NAME', 'value'), as Python prints headers and settings.
	secretTuple = regexp.MustCompile(`(?i)(["'](?:` + names + `|[a-z-]*authorization|[a-z-]*cookie)["']\s*,\s*)(` + quoted + `)`)
	// --name value, and nginx's proxy_set_header NAME value.
	secretOption = regexp.MustCompile(`(?i)((?:(?:^|[\s"'])--?|\b(?:proxy_set_header|add_header|fastcgi_param|uwsgi_param)\s+)` + names + `["']?\s+)(` + value + `)`)
	// Authorization: Digest …, Cookie: a=b; c=d: all of it, it has no end of its own.
	secretHeader = regexp.MustCompile(`(?i)([a-z0-9_-]*(?:authorization|cookies?)["']?\]?\s*[:=]?\s*(?:(?:bearer|basic|digest|token)\s+)?)("[^"]*"?|'[^']*'?|[^"'\s].*)`)
	// Bearer …, wherever it stands.
	authScheme = regexp.MustCompile(`(?i)(\b(?:bearer|basic|digest|negotiate)\s+)([a-z0-9._~+/=-]{8,})`)
	// what looks like a key by itself: AWS, GitHub, GitLab, Google, Slack, Stripe, SendGrid, npm, OpenAI, JWT, PEM.
	secretShape = regexp.MustCompile(`\b(?:AKIA[0-9A-Z]{12,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|AIza[\w-]{30,}|xapp-[\w-]{10,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|[srp]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[\w+/=]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|npm_[A-Za-z0-9]{30,}|sk-[\w-]{20,}|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*)|-----BEGIN [A-Z ]*PRIVATE KEY.*`)
)

// The expressions cost some 100 µs a line. A line without any of these words, without which none of
// them can match, costs one; many a harmless line holds one ("proxy_pass", "signal").
var (
	hookWords   = []string{"slack.com", "discord", "telegram"}
	headerWords = []string{"authorization", "cookie"}
	pairWords   = []string{"secret", "pass", "token", "key", "credential", "dsn", "signature", "csrf", "xsrf", "jwt", "session", "pwd", "pw", "auth", "sig", "sid", "otp"}
	schemeWords = []string{"bearer", "basic", "digest", "negotiate"}
	shapeWords  = []string{"AKIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat", "AIza", "xapp", "xox", "k_live_", "k_test_", "whsec", "SG.", "npm_", "sk-", "eyJ", "-----BEGIN"}
)

func mentions(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func hideCredentials(s string) string {
	if mentions(strings.ToLower(s), hookWords) {
		s = hookPath.ReplaceAllString(s, "${1}"+hiddenText)
	}
	last := strings.LastIndex(s, "://")
	if rest := s[last+len("://"):]; strings.Contains(rest, ":") && !strings.ContainsAny(rest, "@/ ") {
		s = s[:last] + cutCredentials.ReplaceAllString(s[last:], "${1}:"+hiddenText)
	}
	if !strings.Contains(s, "@") {
		return s
	}
	return credentials.ReplaceAllStringFunc(s, func(m string) string {
		p := credentials.FindStringSubmatch(m)
		if strings.HasPrefix(p[3], ":") {
			return p[1] + p[2] + ":" + hiddenText + "@"
		}
		return p[1] + hiddenText + "@"
	})
}

// hideValues keeps the names of a query.
func hideValues(q string) string { return queryValue.ReplaceAllString(q, "="+hiddenText) }

// hideEach hides the values that an expression finds: its second group, behind its first. The search
// goes on at the value, not behind it: a value may be the name of the next ("token: secret: …").
func hideEach(s string, expression *regexp.Regexp, isSecret func(name, value string) bool) string {
	var b strings.Builder
	done, from := 0, 0
	for {
		at := expression.FindStringSubmatchIndex(s[from:])
		if at == nil {
			break
		}
		start, end := from+at[4], from+at[5]
		if start >= done && isSecret(s[from+at[2]:from+at[3]], s[start:end]) {
			b.WriteString(s[done:start] + hide(s[start:end]))
			done = end
		}
		from = start
	}
	return b.String() + s[done:]
}

func always(string, string) bool { return true }

// isHeader leaves prose alone: "authorization failed".
func isHeader(name, value string) bool {
	return strings.ContainsAny(name, ":=") || strings.HasPrefix(value, `"`) || strings.HasPrefix(value, "'")
}

// isPair leaves alone what stands behind a scheme, for the URL was looked at, what an environment is
// asked for, and what systemd says: "user credentials: No such process".
func isPair(name, value string) bool {
	for _, no := range []string{"//", "os.environ", "os.getenv(", "config("} {
		if strings.HasPrefix(value, no) {
			return false
		}
	}
	return !strings.HasSuffix(name, "credentials: ")
}

// hideScheme leaves prose alone: "basic authentication", "digest algorithm".
func hideScheme(m string) string {
	p := authScheme.FindStringSubmatch(m)
	prose := !strings.ContainsAny(p[2], "0123456789=") && strings.ToLower(p[2]) == p[2]
	if prose && !strings.EqualFold(strings.TrimSpace(p[1]), "bearer") {
		return m
	}
	return p[1] + hiddenText
}

// hide keeps the quotes around a value, and what closes a list or a sentence behind one without.
func hide(v string) string {
	if i := strings.IndexAny(v, `"'`); i >= 0 && strings.Trim(v[:i], `\brfuBRFU`) == "" {
		open, rest := v[:i+1], v[i+1:]
		if end := strings.TrimLeft(open, "brfuBRFU"); strings.HasSuffix(rest, v[i:i+1]) {
			return open + hiddenText + end
		}
		return open + hiddenText
	}
	v, tail, more := strings.Cut(v, "&") // of a query that came without its "?"
	if more {
		tail = "&" + tail
	}
	bare := strings.TrimRight(v, ",;)]}")
	if bare == "" || bare == strings.TrimRight(hiddenText, "]") {
		return v + tail
	}
	return hiddenText + v[len(bare):] + tail
}

func hideShapes(s string) string {
	if mentions(s, shapeWords) {
		s = secretShape.ReplaceAllString(s, hiddenText)
	}
	var b strings.Builder
	done := 0
	for from := 0; from < len(s); from++ {
		to := from
		for to < len(s) && wordByte(s[to]) {
			to++
		}
		if to-from >= longWord && random(s[from:to]) && alone(s, from, to) {
			b.WriteString(s[done:from] + hiddenText)
			done = to
		}
		from = to
	}
	if done == 0 {
		return s
	}
	return b.String() + s[done:]
}

// longWord is how long a word must be to be looked at: nobody would write it, see random.
const longWord = 24

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '+'
}

// random tells a word that has at least three of each kind of character.
func random(word string) bool {
	var upper, lower, digit int
	for _, r := range word {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		case unicode.IsDigit(r):
			digit++
		}
	}
	return min(upper, lower, digit) >= 3
}

// alone tells a word that is no part of a path or of a dotted name, which are looked up as they are.
func alone(s string, from, to int) bool {
	before := from == 0 || strings.ContainsRune(" \"'=(:,[", rune(s[from-1]))
	return before && (to == len(s) || !strings.ContainsRune("/.@", rune(s[to])) || strings.HasPrefix(s[to:], ". "))
}
