package remediate

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/gatemend/gatemend/detect/wire"
)

// MaxRequest is the longest text form of a request, in bytes without the newline.
const MaxRequest = wire.MaxLine

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
	words := []string{string(r.Verb), r.Site, r.Route, string(r.On)}
	if r.Verb == SetMode {
		words = append(words, fmt.Sprintf("%04o", r.Mode))
		if r.Group != "" {
			words = append(words, r.Group)
		}
	}
	return wire.Line(words...)
}

// ParseRequest reads the text form of a request, without a newline. Exactly what
// [Request.String] writes is accepted: one request has one spelling.
func ParseRequest(line string) (Request, error) {
	words, err := wire.Words(line)
	var r Request
	if err == nil {
		r, err = parse(words)
	}
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

func parse(w []string) (Request, error) {
	if len(w) < 4 || len(w) > 6 {
		return Request{}, errors.New("want: VERB SITE ROUTE ON [MODE [GROUP]]")
	}
	r := Request{Verb: Effect(w[0]), Site: w[1], Route: w[2], On: On(w[3])}
	if len(w) > 4 {
		mode, err := strconv.ParseUint(w[4], 8, 16)
		if err != nil {
			return Request{}, err
		}
		r.Mode = int(mode)
	}
	if len(w) > 5 {
		r.Group = w[5]
	}
	return r, nil
}
