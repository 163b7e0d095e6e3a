package tail

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect/watch"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// log is a log file in a directory of its own and what a follower made of it. Looks are taken by
// hand, so that a test decides what happens between two.
type log struct {
	t     testing.TB
	path  string
	now   time.Time
	f     *follower
	lines []string
	cut   int
	lost  int
	blind []string
	at    Position
}

func newLog(t testing.TB) *log {
	return &log{t: t, path: filepath.Join(t.TempDir(), "error.log"), now: time.Unix(1e9, 0)}
}

func (l *log) start() *log { return l.startAt(Position{}) }

func (l *log) startAt(from Position) *log {
	l.f = newFollower(Source{
		Path: l.path, From: from,
		Blind: func(why string) { l.blind = append(l.blind, why) },
		now:   func() time.Time { return l.now },
	}, l.take)
	l.t.Cleanup(l.f.close)
	l.look()
	return l
}

func (l *log) take(b Batch) {
	for _, line := range b.Lines {
		l.lines = append(l.lines, string(line))
	}
	l.cut, l.lost, l.at = l.cut+b.Cut, l.lost+b.Lost, b.At
	if (b.Lost > 0) != (b.Why != "") {
		l.t.Errorf("lost %d, why %q", b.Lost, b.Why)
	}
}

func (l *log) look() time.Duration { return l.f.look(context.Background()) }

func (l *log) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// write appends to the file of that name beside the log, "" is the log itself.
func (l *log) write(suffix, text string) {
	l.t.Helper()
	f, err := os.OpenFile(l.path+suffix, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	l.must(err)
	_, err = f.WriteString(text)
	l.must(err)
	l.must(f.Close())
}

func (l *log) rotate() { l.t.Helper(); l.must(os.Rename(l.path, l.path+".1")) }

func (l *log) want(lost int, lines ...string) {
	l.t.Helper()
	if !slices.Equal(l.lines, lines) || l.lost != lost {
		l.t.Errorf("lines %q, lost %d; want %q, %d", l.lines, l.lost, lines, lost)
	}
}

// bell is a Waker rung by hand.
type bell chan struct{}

func (b bell) C() <-chan struct{} { return b }
func (b bell) Take() watch.Note   { return watch.Note{} }

func repeat(s string, n int) string { return string(bytes.Repeat([]byte(s), n)) }
