package remediate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// MaxRequest is the longest text form of a request, in bytes without the newline.
const MaxRequest = 256

// Request asks for one effect. It names a site and a route of the configuration, and
// nothing that could be used to reach anything else.
type Request struct {
	Verb  Effect `json:"verb"`
	Site  string `json:"site"`
	Route string `json:"route"` // the route's path
	On    On     `json:"on"`
	Mode  int    `json:"mode,omitempty"`  // set-mode only: permission bits
	Group string `json:"group,omitempty"` // set-mode only: the group to restore, "" to keep it
}

// maxMode has every permission bit but setuid, which no socket or directory needs.
const maxMode = 0o3777

// Check says why r is not a request that can be asked; nil when it can.
func (r Request) Check() error {
	on, known := allowed[r.Verb]
	switch {
	case !known:
		return fmt.Errorf("cannot do %q: it is none of the effects", r.Verb)
	case !slices.Contains(on, r.On):
		return fmt.Errorf("cannot %s %q: it is only for %v", r.Verb, r.On, on)
	case r.Site == "" || r.Route == "":
		return fmt.Errorf("cannot %s: the request names no site or no route", r.Verb)
	case r.Verb != SetMode && (r.Mode != 0 || r.Group != ""):
		return fmt.Errorf("cannot %s with a mode or a group: only %s has one", r.Verb, SetMode)
	case r.Verb == SetMode && (r.Mode < 1 || r.Mode > maxMode):
		return fmt.Errorf("cannot set mode %#o: it must be between 0001 and %#o", r.Mode, maxMode)
	case len(r.line()) > MaxRequest:
		return fmt.Errorf("cannot %s: the request is longer than %d bytes", r.Verb, MaxRequest)
	}
	return nil
}

// String is the one-line text form, such as "restart shop / unit" or
// "set-mode shop / socket 0660 www-data". [ParseRequest] reads it back.
func (r Request) String() string { return r.line() }

func (r Request) line() string {
	parts := []string{string(r.Verb), escape(r.Site), escape(r.Route), string(r.On)}
	if r.Verb == SetMode {
		parts = append(parts, fmt.Sprintf("%04o", r.Mode))
		if r.Group != "" {
			parts = append(parts, escape(r.Group))
		}
	}
	return strings.Join(parts, " ")
}

// ParseRequest reads the text form of a request, without a newline. Exactly what
// [Request.String] writes is accepted: one request has one spelling.
func ParseRequest(line string) (Request, error) {
	if len(line) > MaxRequest {
		return Request{}, fmt.Errorf("cannot read request: it is longer than %d bytes", MaxRequest)
	}
	r, err := parse(strings.Split(line, " "))
	if err == nil {
		err = r.Check()
	}
	if err == nil && r.line() != line {
		err = fmt.Errorf("it is written %q", r.line())
	}
	if err != nil {
		return Request{}, fmt.Errorf("cannot read request %q: %w", line, err)
	}
	return r, nil
}

func parse(f []string) (Request, error) {
	if len(f) < 4 || len(f) > 6 {
		return Request{}, errors.New("want: VERB SITE ROUTE ON [MODE [GROUP]]")
	}
	r := Request{Verb: Effect(f[0]), On: On(f[3])}
	var err [4]error
	r.Site, err[0] = unescape(f[1])
	r.Route, err[1] = unescape(f[2])
	if len(f) > 4 {
		var mode uint64
		mode, err[2] = strconv.ParseUint(f[4], 8, 16)
		r.Mode = int(mode)
	}
	if len(f) > 5 {
		r.Group, err[3] = unescape(f[5])
	}
	return r, errors.Join(err[:]...)
}

// escape writes bytes that would end a field or a line, and everything outside ASCII, as %XX:
// an nginx location may hold spaces and any byte.
func escape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func unescape(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+3 > len(s) {
			return "", errors.New("an escape is cut off")
		}
		n, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", fmt.Errorf("%q is no escape", s[i:i+3])
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), nil
}
