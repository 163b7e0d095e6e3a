package tail

import (
	"context"
	"time"

	"github.com/gatemend/gatemend/detect/pulse"
	"github.com/gatemend/gatemend/detect/watch"
)

const (
	pauseDefault = 50 * time.Millisecond // between two looks: a busy log is not read line by line
	lookEvery    = 30 * time.Second      // when nothing happens, for events can be lost
	settleEvery  = 5 * time.Second       // while a rotation is under way: the old file may be in a directory that nobody watches
	linger       = 5 * time.Minute       // an old file has to be quiet for so long
	blindAfter   = 2 * time.Second       // rotation makes a file unreadable for a moment: nginx's master opens it as root and then gives it away
)

// Waker rings when something happened to the path or beside it. A *watch.Sub with
// [watch.Leaf] is one.
type Waker interface {
	C() <-chan struct{}
	Take() watch.Note
}

// Source is a log file to follow.
type Source struct {
	Path  string // absolute; need not exist
	Wake  Waker
	From  Position         // where to go on; the zero Position starts at the end of what there is
	Pause time.Duration    // least time between two looks; 0 is 50 ms
	Blind func(why string) // called when the file cannot be followed, for a person; and with "" when it can again. May be nil
	now   func() time.Time // tests
}

// Batch is what one read gave.
type Batch struct {
	Lines [][]byte // without their newlines, good until the sink returns; any bytes, but no NULs in front
	Cut   int      // how many of Lines were longer than LineMax: their ends are not here
	Lost  int      // how often lines may have been lost before these
	Why   string   // how, for a person; "" when Lost is 0
	At    Position // behind these lines
}

// Follow gives sink every line that is written to the file from now on, or from a Position, in
// the order of each file, until ctx ends. Sink is called from this goroutine alone.
func Follow(ctx context.Context, src Source, sink func(Batch)) {
	f := newFollower(src, sink)
	defer f.close()
	beat := pulse.Begin(ctx, "the follower of "+src.Path)
	defer beat.End()
	next := time.NewTimer(f.look(ctx))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case answered := <-beat.Ping():
			close(answered)
			continue
		case <-src.Wake.C():
			src.Wake.Take()
		case <-next.C:
		}
		next.Reset(f.look(ctx))
		f.pause(ctx)
	}
}

// pause lets events gather.
func (f *follower) pause(ctx context.Context) {
	t := time.NewTimer(f.src.Pause)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
