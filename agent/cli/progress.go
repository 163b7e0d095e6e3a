package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// What is quick needs no word; what takes long is said once a second on a terminal, in one
// line that is rewritten, and now and then where every line is kept.
const (
	quick     = time.Second
	nowAndAll = 10 * time.Second
)

// waiting says on standard error what is being waited for and for how long, until done is
// called. What is asked each time: it changes on the way.
func (o *options) waiting(ctx context.Context, what func(context.Context) string) (done func()) {
	ctx, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() { tellWaiting(ctx, o.errOut, isTerminal(o.errOut), what) })
	return func() {
		cancel()
		ended.Wait()
	}
}

func tellWaiting(ctx context.Context, w io.Writer, terminal bool, what func(context.Context) string) {
	began, told := time.Now(), time.Duration(0)
	tick := time.NewTicker(quick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if terminal && told > 0 {
				fmt.Fprint(w, eraseLine)
			}
			return
		case <-tick.C:
		}
		waited := time.Since(began).Truncate(time.Second)
		switch {
		case terminal:
			fmt.Fprintf(w, "%s%s", eraseLine, cut(fmt.Sprintf("waiting for %s: %.0f s", safe(what(ctx)), waited.Seconds()), 100))
			told = waited
		case told == 0 && waited >= 3*quick, told > 0 && waited-told >= nowAndAll:
			fmt.Fprintf(w, "gatemend: waiting for %s: %.0f s\n", safe(what(ctx)), waited.Seconds())
			told = waited
		}
	}
}

// isTerminal tells of a reader or a writer.
func isTerminal(stream any) bool {
	_, ok := terminalOf(stream)
	return ok
}

func terminalOf(stream any) (*os.File, bool) {
	if r, ok := stream.(*results); ok {
		stream = r.Writer
	}
	if s, ok := stream.(screen); ok {
		stream = s.Writer
	}
	f, ok := stream.(*os.File)
	return f, ok && term.IsTerminal(int(f.Fd()))
}
