package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/wire"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/durable"
)

// trusted is root's configuration as it is at each request. While it is wrong the one before stays in
// force, as it does for the running agent: a slip of an editor must not leave the sites without help. One
// that somebody else than root may have written answers every request with the reason.
type trusted struct {
	path string
	last string // root's own copy of the last one that was right: the helper ends when idle, and forgets

	mu  sync.Mutex
	was identity
	cfg *config.Config
}

// identity is a file and its directory at one moment: as long as neither changes, the file is not
// parsed again. ctime counts owner and mode as well.
type identity struct{ file, dir statOf }

type statOf struct {
	dev, ino uint64
	size     int64
	ctime    syscall.Timespec
}

func identify(path string) (id identity, ok bool) {
	for name, into := range map[string]*statOf{path: &id.file, filepath.Dir(path): &id.dir} {
		var st syscall.Stat_t
		if syscall.Stat(name, &st) != nil {
			return id, false
		}
		*into = statOf{uint64(st.Dev), st.Ino, st.Size, st.Ctim}
	}
	return id, true
}

// checked lets a request through only under a configuration to be trusted.
func (t *trusted) checked(next wire.Handler) wire.Handler {
	return func(ctx context.Context, uid int, words []string) (any, *os.File, error) {
		if err := t.load(); err != nil {
			return nil, nil, err
		}
		return next(ctx, uid, words)
	}
}

func (t *trusted) load() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, known := identify(t.path)
	if t.cfg != nil && known && now == t.was {
		return nil
	}
	t.cfg = nil
	cfg, err := config.Load(t.path)
	if err == nil {
		t.keep(cfg)
	} else if errors.As(err, new(config.Problems)) {
		if before, none := config.Load(t.last); none == nil {
			cfg, err = before, nil
		}
	}
	if err == nil {
		t.cfg, t.was = cfg, now // what was changed in between differs from it, and is read next time
	}
	return err
}

// keep writes the copy where it differs. On a full or read-only disk an older one stays, or none.
func (t *trusted) keep(cfg *config.Config) {
	if was, err := os.ReadFile(t.last); err != nil || string(was) != cfg.Text() {
		_ = durable.Replace(t.last, []byte(cfg.Text()), 0o600)
	}
}

func (t *trusted) sites() []detect.Site {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cfg == nil {
		return nil
	}
	return t.cfg.Sites
}

func (t *trusted) limits() policy.Limits {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cfg == nil {
		return policy.Limits{}
	}
	return t.cfg.Policy.Limits
}
