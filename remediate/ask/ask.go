// Package ask is the other end of act.sock: effects for an agent that is not root, carried out
// by the root helper. What it asks can be no more than a [remediate.Request] says; the helper
// looks everything else up by itself, and checks all of it again.
package ask

import (
	"context"
	"errors"
	"fmt"

	"github.com/gatemend/gatemend/detect/wire"
	"github.com/gatemend/gatemend/remediate"
)

// ActSocket is where the root helper listens for effects (gatemend-act.socket).
const ActSocket = "/run/gatemend-helper/act.sock"

// Helper asks the root helper.
type Helper struct{ path string }

var _ remediate.Effects = Helper{}

// New makes a Helper of the socket at path; "" is [ActSocket]. It does not connect.
func New(path string) Helper {
	if path == "" {
		path = ActSocket
	}
	return Helper{path}
}

// VerbAsked tells the helper who asks for a heal of a site.
const VerbAsked = "asked"

// Asked tells the helper, as root alone may, that a person asks for a heal of a site, "" of all: the
// person's own holds then do not keep the helper off it. There is one where its socket is.
func (h Helper) Asked(ctx context.Context, site, person string) error {
	file, err := wire.Ask(ctx, h.path, wire.Line(VerbAsked, person, site), nil)
	if file != nil {
		_ = file.Close()
	}
	return err
}

// Reply is what the helper answers to a request that it took.
type Reply struct {
	Result remediate.Result `json:"result"`
	Error  string           `json:"error,omitempty"`
	Unseen bool             `json:"unseen,omitempty"` // Error wraps [remediate.ErrUnseen]
}

// Do is remediate.Effects.
func (h Helper) Do(ctx context.Context, r remediate.Recorded) (remediate.Result, error) {
	if err := r.Request().Check(); err != nil {
		return remediate.Result{}, err
	}
	var reply Reply
	file, err := wire.Ask(ctx, h.path, r.Request().String(), &reply)
	if file != nil {
		_ = file.Close()
	}
	if err != nil {
		return remediate.Result{}, unanswered(r, err)
	}
	return reply.Result, reply.err()
}

// unanswered tells a request that never arrived, or was refused as a whole, from one that may
// have been carried out: the answer alone is missing.
func unanswered(r remediate.Recorded, err error) error {
	_, refused := errors.AsType[*wire.Error](err)
	if refused || errors.Is(err, wire.ErrAbsent) {
		return fmt.Errorf("cannot %s: %w", r.Request(), err)
	}
	return fmt.Errorf("cannot %s: %w: %w", r.Request(), err, remediate.ErrUnseen)
}

func (r Reply) err() error {
	switch {
	case r.Error == "":
		return nil
	case r.Unseen:
		return unseen(r.Error)
	}
	return errors.New(r.Error)
}

// unseen is an error of the helper's whose text already says that nobody saw the end.
type unseen string

func (u unseen) Error() string { return string(u) }
func (unseen) Unwrap() error   { return remediate.ErrUnseen }
