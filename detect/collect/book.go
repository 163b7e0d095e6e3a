package collect

import (
	"context"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
)

// book remembers nginx's configuration: what is on disk, read again only when a file changed, and what
// the workers of one generation loaded.
type book struct {
	// now is what nginx would load; nil when nobody can ask it. With an error, it is what the files say.
	now   func(ctx context.Context) (*nginxconf.Conf, error)
	build nginxconf.Build

	mu     sync.Mutex
	latest reading
	firm   bool        // nothing changed while latest.disk was read
	gen    detect.Time // start of the workers that loaded latest.loaded
}

// reading is one look at the configuration.
type reading struct {
	disk    *nginxconf.Conf
	changed detect.Time     // newest change of any of its files and directories
	where   string          // the file or directory that changed then
	loaded  *nginxconf.Conf // nil when it is not known
}

// loading is what nginx takes at most between reading its files and starting its workers.
const loading = 50 * time.Millisecond

// read gives the configuration on disk, and the loaded one for workers started at gen (0: none run). An
// error comes with what could be read without nginx's help, if anything.
func (b *book) read(ctx context.Context, gen detect.Time) (reading, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	files, err := b.refresh(ctx)
	r := b.latest
	if err != nil {
		r.disk, r.where, r.changed = b.files(files)
	}
	switch {
	case gen == 0:
		r.loaded = nil
	case err == nil && r.changed != 0 && r.changed.Add(detect.For(loading)) < gen:
		b.latest.loaded, b.gen = r.disk, gen // nothing was changed since: the disk is what was loaded
		r.loaded = r.disk
	case b.gen != gen, err != nil && files == nil: // what was read without root's key cannot be compared
		r.loaded = nil
	}
	return r, err
}

// refresh dumps anew when anything changed. Which files there are is known after the dump only: what
// changed meanwhile makes the next call read again. Where nginx refuses what is there, it gives what the
// files say, with the error.
func (b *book) refresh(ctx context.Context) (files *nginxconf.Conf, err error) {
	if b.now == nil {
		return nil, errNotAsked
	}
	if b.firm && b.latest.disk != nil {
		if _, at := b.latest.disk.LastChange(); at == b.latest.changed {
			return nil, nil
		}
	}
	b.latest.disk = nil
	began := detect.At(time.Now())
	conf, err := b.now(ctx)
	if err != nil {
		return conf, err
	}
	conf = conf.Built(b.build)
	b.latest.disk = conf
	b.latest.where, b.latest.changed = conf.LastChange()
	b.firm = b.latest.changed < began
	return nil, nil
}

// files are what root read of them, or we read them ourselves: which also works for a configuration that
// nginx refuses.
func (b *book) files(conf *nginxconf.Conf) (*nginxconf.Conf, string, detect.Time) {
	if conf == nil {
		var err error
		if conf, err = nginxconf.ParseTree("/", b.build.Conf); err != nil {
			return nil, "", 0
		}
	}
	conf = conf.Built(b.build)
	where, at := conf.LastChange()
	return conf, where, at
}
