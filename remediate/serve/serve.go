// Package serve is the root helper's end of act.sock: it reads one request, writes it into the
// helper's own ledger, which may refuse, and lets it happen.
//
// That an intent was recorded before (promise 2) it cannot know: that order is kept by the
// agent's executor, whose effects take nothing else. What it does hold against an agent that was
// taken over: a request names a site and a route of root's own configuration; everything else is
// looked up and checked again in package host; and there are only so many in an hour.
package serve

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/wire"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/ask"
)

// Actor carries requests out.
type Actor struct {
	Effects remediate.Effects               // remediate/host
	Ledger  remediate.Journal               // remediate/ledger: it refuses what is too much
	Asked   func(site, person string) error // root says that a person asked for a heal: remediate/ledger
	Log     func(r remediate.Request, res remediate.Result, err error)
}

// Answer answers one line on act.sock; it is a [wire.Handler].
func (a Actor) Answer(ctx context.Context, uid int, words []string) (any, *os.File, error) {
	if words[0] == ask.VerbAsked {
		return nil, nil, a.asked(uid, words[1:])
	}
	r, err := remediate.ParseRequest(wire.Line(words...))
	if err != nil {
		return nil, nil, err
	}
	res, err := a.do(ctx, r)
	if a.Log != nil {
		a.Log(r, res, err)
	}
	reply := ask.Reply{Result: res, Unseen: errors.Is(err, remediate.ErrUnseen)}
	if err != nil {
		reply.Error = err.Error()
	}
	return reply, nil, nil
}

// asked is for root alone: a person's own hold does not keep that person's heal off, and who asks
// for a heal the agent could only claim.
func (a Actor) asked(uid int, words []string) error {
	if uid != 0 {
		return fmt.Errorf("user %d cannot say who asks for a heal: only root can", uid)
	}
	if len(words) != 2 || words[0] == "" || a.Asked == nil {
		return errors.New("cannot read who asks for a heal: want PERSON SITE")
	}
	return a.Asked(words[1], words[0])
}

func (a Actor) do(ctx context.Context, r remediate.Request) (remediate.Result, error) {
	intent := remediate.Intent{At: detect.At(time.Now()), Steps: []remediate.Request{r}}
	todo, err := remediate.Record(ctx, a.Ledger, intent)
	if err != nil {
		return remediate.Result{}, err
	}
	return a.Effects.Do(ctx, todo[0])
}
