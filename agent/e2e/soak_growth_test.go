package e2e

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// usage is what a process takes.
type usage struct{ pid, rss, fds, goroutines int }

func (u usage) String() string {
	return fmt.Sprintf("%.1f MB, %d descriptors, %d goroutines", float64(u.rss)/1024, u.fds, u.goroutines)
}

// grown is what an agent may grow by once it was at rest: a few connections, and what an incident's
// evidence needs until the collector has run.
var grown = usage{rss: 24 << 10, fds: 10, goroutines: 12}

// lean compares the agent with itself when it first was at rest. It lives on, unless somebody killed it.
func (w *watched) lean(ctx context.Context, killed bool) error {
	u, err := w.atRest(ctx)
	if err != nil {
		return err
	}
	may := killed || w.mayEnd
	w.mayEnd = killed
	if u.pid != w.first.pid {
		if w.first.pid != 0 {
			if w.tally.kills++; !may {
				return errors.New("the agent ended, and nobody killed it")
			}
		}
		w.first = u
	}
	w.last = u
	y := w.tally
	y.rss, y.fds, y.goroutines = max(y.rss, u.rss-w.first.rss), max(y.fds, u.fds-w.first.fds), max(y.goroutines, u.goroutines-w.first.goroutines)
	if w.fat(u) {
		return fmt.Errorf("the agent grows: %s at first, %s now", w.first, u)
	}
	return nil
}

func (w *watched) fat(u usage) bool {
	return u.rss > w.first.rss+grown.rss || u.fds > w.first.fds+grown.fds || u.goroutines > w.first.goroutines+grown.goroutines
}

// atRest looks again for a while where much is in use: a look at everything, such as is made for a new
// baseline, takes a goroutine for each of its parts. Nor need an agent that was just killed be back yet.
func (w *watched) atRest(ctx context.Context) (u usage, err error) {
	for end := time.Now().Add(time.Minute); ; {
		u, err = w.usage(ctx)
		if err == nil && (u.pid != w.first.pid || !w.fat(u)) || time.Now().After(end) {
			return u, err
		}
		select {
		case <-ctx.Done():
			return u, errors.Join(ctx.Err(), err)
		case <-time.After(time.Second):
		}
	}
}

func (w *watched) usage(ctx context.Context) (usage, error) {
	s, err := w.status()
	if err != nil {
		return usage{}, err
	}
	out, err := w.Shell(ctx, `p=$(systemctl show -P MainPID gatemend); echo $p; awk '/^VmRSS/{print $2}' /proc/$p/status; ls /proc/$p/fd | wc -l`)
	if err != nil {
		return usage{}, err
	}
	var n [3]int
	for i, f := range strings.Fields(out) {
		if n[i%len(n)], err = strconv.Atoi(f); err != nil {
			return usage{}, fmt.Errorf("cannot read what the agent takes: %w", err)
		}
	}
	return usage{n[0], n[1], n[2], s.Running}, nil
}
