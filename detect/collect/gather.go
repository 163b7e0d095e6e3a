package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// part is one question. It reads what earlier steps found, and gives what it found as a change: nothing
// is written while others read, and a part which is late writes nothing at all.
type part struct {
	fact   string // named in Lacking where it could not be learnt
	within time.Duration
	ask    func(ctx context.Context, known detect.Facts) (change, error)
}

// change writes down what a part found. It replaces what pointers lead to rather than writing there:
// a part that was left behind may still be reading.
type change func(*detect.Facts)

// lateness is what a part may take beyond its deadline, to notice it.
const lateness = 50 * time.Millisecond

// gather asks all parts side by side and writes down what they found, in the order of the parts. A part
// that neither answers nor ends by its deadline (a file on a dead network file system blocks for good)
// is left behind.
func gather(ctx context.Context, f *detect.Facts, parts ...part) {
	pending, began := make([]chan answer, len(parts)), time.Now()
	for i, p := range parts {
		pending[i] = make(chan answer, 1)
		go func(known detect.Facts) {
			ctx, cancel := context.WithTimeout(ctx, p.within)
			defer cancel()
			found, err := p.ask(ctx, known)
			pending[i] <- answer{found, err}
		}(*f)
	}
	answers := make([]answer, len(parts))
	for i, p := range parts {
		answers[i] = wait(ctx, pending[i], p.within+lateness-time.Since(began))
	}
	for i, a := range answers {
		if a.found != nil {
			a.found(f)
		}
		if a.err != nil {
			lack(f, parts[i].fact, a.err)
		}
	}
}

type answer struct {
	found change
	err   error
}

func wait(ctx context.Context, answers <-chan answer, left time.Duration) answer {
	timer := time.NewTimer(max(left, 0))
	defer timer.Stop()
	select {
	case a := <-answers:
		return a
	case <-timer.C:
	case <-ctx.Done(): // theirs too: give them the moment it takes to say so
		select {
		case a := <-answers:
			return a
		case <-time.After(lateness):
		}
	}
	select { // it may have come while an earlier part was waited for
	case a := <-answers:
		return a
	default:
	}
	return answer{err: fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)}
}

var errNotAsked = errors.New("nobody to ask is configured")

// lack writes joined errors on one line, each once.
func lack(f *detect.Facts, fact string, err error) {
	reasons := strings.Split(err.Error(), "\n")
	why := strings.Join(slices.Compact(reasons), "; ")
	f.Lacking = append(f.Lacking, detect.Lack{Fact: fact, Why: detect.Clean(why)})
}
