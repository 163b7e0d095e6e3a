package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect/wire"
	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/ask"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// limit is a ledger that lets so many through.
type limit struct{ left int }

func (l *limit) Intent(context.Context, remediate.Intent) (int64, error) {
	if l.left--; l.left < 0 {
		return 0, errors.New("too many in an hour")
	}
	return 1, nil
}

func (*limit) Result(context.Context, int64, remediate.Report) error { return nil }

// list is written by the server's goroutines, and read by the test.
type list struct {
	mu  sync.Mutex
	all []string
}

func (l *list) add(s string) { l.mu.Lock(); defer l.mu.Unlock(); l.all = append(l.all, s) }

func (l *list) read() []string { l.mu.Lock(); defer l.mu.Unlock(); return slices.Clone(l.all) }

// effects do nothing but tell.
type effects struct {
	err  error
	done list
}

func (e *effects) Do(_ context.Context, r remediate.Recorded) (remediate.Result, error) {
	e.done.add(r.Request().String())
	return remediate.Result{Before: "failed", After: "active"}, e.err
}

// helper serves an Actor and gives the other end.
func helper(t *testing.T, a Actor) ask.Helper {
	t.Helper()
	path := filepath.Join(t.TempDir(), "act.sock")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	all.Go(func() {
		s := wire.Server{Handle: a.Answer, May: func(uid int) bool { return uid == os.Getuid() }, AtOnce: 2, Within: 5 * time.Second}
		if err := s.Serve(ctx, l, &wire.Activity{}); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); all.Wait(); l.Close() })
	return ask.New(path)
}

// recorded is a request whose intent was written down.
func recorded(t *testing.T, text string) remediate.Recorded {
	t.Helper()
	r, err := remediate.ParseRequest(text)
	if err != nil {
		t.Fatal(err)
	}
	todo, err := remediate.Record(t.Context(), &limit{1}, remediate.Intent{Steps: []remediate.Request{r}})
	if err != nil {
		t.Fatal(err)
	}
	return todo[0]
}

func TestTheAskerLearnsWhatBecameOfIt(t *testing.T) {
	for name, tt := range map[string]struct {
		err    error
		left   int
		unseen bool
		want   string
	}{
		"done":                        {nil, 1, false, ""},
		"refused by the helper":       {errors.New("it is masked"), 1, false, "it is masked"},
		"nobody saw the end of it":    {fmt.Errorf("the bus was lost: %w", remediate.ErrUnseen), 1, true, "the bus was lost"},
		"too many":                    {nil, 0, false, "too many in an hour"},
		"too many, and it would fail": {errors.New("it is masked"), 0, false, "too many in an hour"},
	} {
		e := &effects{err: tt.err}
		res, err := helper(t, Actor{Effects: e, Ledger: &limit{tt.left}}).Do(t.Context(), recorded(t, "restart shop / unit"))
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) || errors.Is(err, remediate.ErrUnseen) != tt.unseen {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		if done := e.done.read(); len(done) != tt.left || tt.left == 1 && res.After != "active" && tt.err == nil {
			t.Errorf("%s: %q was done, with %+v", name, done, res)
		}
	}
}

// A request that never arrived was not carried out; one whose answer is missing may have been.
func TestNoAnswerIsNoResult(t *testing.T) {
	_, err := ask.New(filepath.Join(t.TempDir(), "none")).Do(t.Context(), recorded(t, "restart shop / unit"))
	if err == nil || errors.Is(err, remediate.ErrUnseen) {
		t.Errorf("no helper: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stuck := Actor{Ledger: &limit{1}, Effects: hanging{cancel}}
	if _, err := helper(t, stuck).Do(ctx, recorded(t, "restart shop / unit")); !errors.Is(err, remediate.ErrUnseen) {
		t.Errorf("a helper that does not answer: %v", err)
	}
}

// hanging effects begin, and are given up on.
type hanging struct{ begun func() }

func (h hanging) Do(context.Context, remediate.Recorded) (remediate.Result, error) {
	h.begun()
	return remediate.Result{}, nil
}

// Only root says who asks for a heal: whose holds that passes is not the agent's to choose.
func TestOnlyRootSaysWhoAsks(t *testing.T) {
	var heard list
	a := Actor{Ledger: &limit{0}, Asked: func(site, person string) error { heard.add(person + "|" + site); return nil }}
	for _, words := range [][]string{{ask.VerbAsked, "ann", "shop"}, {ask.VerbAsked, "ann", ""}} {
		if _, _, err := a.Answer(t.Context(), 4711, words); err == nil {
			t.Errorf("%q was heard of user 4711", words)
		}
		if _, _, err := a.Answer(t.Context(), 0, words); err != nil {
			t.Errorf("%q of root: %v", words, err)
		}
	}
	for _, words := range [][]string{{ask.VerbAsked}, {ask.VerbAsked, "", "shop"}, {ask.VerbAsked, "ann", "shop", "x"}} {
		if _, _, err := a.Answer(t.Context(), 0, words); err == nil {
			t.Errorf("%q was heard", words)
		}
	}
	want := []string{"ann|shop", "ann|"}
	if os.Getuid() == 0 {
		want = append(want, "jörg x|")
		if err := helper(t, a).Asked(t.Context(), "", "jörg x"); err != nil {
			t.Errorf("through the socket: %v", err)
		}
	}
	if got := heard.read(); !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// What is no request is not asked of anything.
func TestWhatIsNoRequestIsRefused(t *testing.T) {
	e := &effects{}
	a := Actor{Effects: e, Ledger: &limit{100}}
	for _, line := range []string{"", "restart", "restart shop /", "restart shop / ssh.service", "set-mode shop / socket 4777", "kill shop / unit", "restart shop / unit x", "RESTART shop / unit", "connect shop /"} {
		words, err := wire.Words(line)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.Answer(t.Context(), 0, words); err == nil {
			t.Errorf("%q was taken", line)
		}
	}
	if done := e.done.read(); len(done) > 0 {
		t.Errorf("done: %q", done)
	}
}
