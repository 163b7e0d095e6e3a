package host

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// rest is how long a file must have been unchanged. Every link and unlink sets its ctime, in steps
// of at most 10 ms (a tick of the kernel): after this long, one more of them cannot go unseen.
const rest = 20 * time.Millisecond

// soleName errs unless path is the one and only name of the descriptor's file.
//
// A count of one link does not say so: whoever may rename in the directory can lend the path to
// another's socket, have it opened, and take the name away again before it is counted (a test of
// ours did). So the count is taken twice, the path is walked in between, and the ctime must not
// have moved: then the count was one all the time, and that one name was the path.
func soleName(path string, fd int) (unix.Stat_t, error) {
	before, err := rested(path, fd)
	if err != nil {
		return before, err
	}
	if before.Nlink != 1 {
		return before, fmt.Errorf("%q has %d names: it may be another's socket", path, before.Nlink)
	}
	return unmoved(path, fd, before)
}

// unmoved errs unless the path leads to the descriptor's file and nothing happened to it since before.
func unmoved(path string, fd int, before unix.Stat_t) (unix.Stat_t, error) {
	again, err := walk(path)
	if err != nil {
		return before, err
	}
	defer unix.Close(again)
	var there, after unix.Stat_t
	if err := unix.Fstat(again, &there); err != nil {
		return before, err
	}
	if err := unix.Fstat(fd, &after); err != nil {
		return before, err
	}
	same := there.Dev == before.Dev && there.Ino == before.Ino
	if !same || after.Nlink != 1 || after.Ctim != before.Ctim {
		return before, fmt.Errorf("%q was exchanged while it was looked at", path)
	}
	return after, nil
}

// rested waits until the file has been unchanged for long enough.
func rested(path string, fd int) (unix.Stat_t, error) {
	var st unix.Stat_t
	for range 10 {
		if err := unix.Fstat(fd, &st); err != nil {
			return st, fmt.Errorf("%q cannot be looked at: %w", path, err)
		}
		age := time.Since(time.Unix(st.Ctim.Unix()))
		if age >= rest {
			return st, nil
		}
		time.Sleep(min(rest-age, rest)) // a clock that was set back makes it old in the end, or never
	}
	return st, fmt.Errorf("%q keeps changing", path)
}
