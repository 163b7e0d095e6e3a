package detect

import (
	"errors"
	"net/url"
	"slices"
	"strings"
)

// SecretURL is a URL whose path, query and user are a secret, as those of every webhook are:
// whoever has it can write there. However it is printed, marshalled or logged it shows its
// scheme and host and no more; only [SecretURL.Reveal] gives the rest.
type SecretURL struct{ u *url.URL }

// ParseSecretURL reads an http or https URL. Its errors do not hold what was read.
func ParseSecretURL(s string) (SecretURL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return SecretURL{}, errors.New("it is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return SecretURL{}, errors.New("it does not begin with https:// or http://")
	case u.Hostname() == "":
		return SecretURL{}, errors.New("it names no host")
	}
	u.Fragment, u.RawFragment = "", ""
	return SecretURL{u}, nil
}

// Set tells whether there is a URL at all.
func (s SecretURL) Set() bool { return s.u != nil }

// Reveal gives the URL itself, for the request that needs it and for nothing else.
func (s SecretURL) Reveal() *url.URL {
	if s.u == nil {
		return &url.URL{}
	}
	u := *s.u
	return &u
}

// String is scheme and host.
func (s SecretURL) String() string {
	if s.u == nil {
		return ""
	}
	return s.u.Scheme + "://" + s.u.Host
}

// GoString keeps %#v from walking into the URL.
func (s SecretURL) GoString() string { return "detect.SecretURL(" + s.String() + ")" }

// MarshalText is what JSON and the logger write.
func (s SecretURL) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Shortest pieces of a URL that are worth hiding: shorter ones stand in any text.
const (
	shortestPiece = 6
	shortestValue = 4
)

// Hide takes the secret parts of the URL out of a text: what the other end answers may quote
// the path that it was asked for.
func (s SecretURL) Hide(text string) string {
	if s.u == nil {
		return text
	}
	var pairs []string
	for _, p := range s.pieces() {
		pairs = append(pairs, p, hiddenText)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// pieces are the secret parts, the longest first.
func (s SecretURL) pieces() []string {
	var all []string
	add := func(shortest int, texts ...string) {
		for _, t := range texts {
			if len(t) >= shortest {
				all = append(all, t)
			}
		}
	}
	add(shortestPiece, strings.TrimPrefix(s.u.String(), s.String()), s.u.RequestURI(), s.u.Path, s.u.EscapedPath())
	add(shortestPiece, strings.Split(s.u.Path, "/")...)
	add(shortestPiece, strings.Split(s.u.EscapedPath(), "/")...)
	for _, values := range s.u.Query() {
		add(shortestValue, values...)
		for _, v := range values {
			add(shortestValue, url.QueryEscape(v))
		}
	}
	if s.u.User != nil {
		password, _ := s.u.User.Password()
		add(shortestValue, s.u.User.String(), s.u.User.Username(), password)
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}
