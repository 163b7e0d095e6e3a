package notify

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Heartbeat is a URL that is asked as long as the agent makes progress. Somebody else's
// server tells a person when it stops (a dead man's switch, as healthchecks.io has it).
type Heartbeat struct {
	Address Address
	Shown   string // scheme and host, or the file that holds the URL
	Every   time.Duration
}

type heartbeat struct {
	Heartbeat
	name string
	key  string
	post poster
	log  *slog.Logger

	mu   sync.Mutex
	book ledger
	next time.Time
}

const (
	progressTime = 20 * time.Second // for all stages to give a sign of life
	beatTime     = 20 * time.Second // for the other end to answer
)

// run beats until ctx ends. A beat is the answer of every stage to the question whether it
// moves: where one does not answer nothing is sent, and the silence is the message.
func (h *heartbeat) run(ctx context.Context, progress func(context.Context) error) {
	fails := 0
	for ctx.Err() == nil {
		wait := h.Every
		if err := h.beat(ctx, progress); err != nil && ctx.Err() == nil {
			fails++
			p := pace{first: min(10*time.Second, h.Every), most: h.Every}
			wait = p.backoff(fails, patience(err))
			h.log.Error("no heartbeat", "again", wait.Round(time.Second), "err", err)
		} else {
			fails = 0
		}
		h.mu.Lock()
		h.next = time.Now().Add(wait)
		h.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// beat asks the stages, and then the URL.
func (h *heartbeat) beat(ctx context.Context, progress func(context.Context) error) error {
	err := moves(ctx, progress)
	if err == nil {
		_, err = h.ask(ctx)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch at := detect.At(time.Now()); {
	case err == nil:
		h.book.Delivered++
		h.book.LastOK = at
	case ctx.Err() == nil:
		h.book.failed(at, err.Error())
	}
	return err
}

func moves(ctx context.Context, progress func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, progressTime)
	defer cancel()
	if err := progress(ctx); err != nil {
		return &failure{why: detect.Clean("it is held back, for the agent does not move: " + err.Error())}
	}
	return nil
}

func (h *heartbeat) ask(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, beatTime)
	defer cancel()
	return h.post.send(ctx, http.MethodGet, h.Address, http.Header{}, nil)
}
