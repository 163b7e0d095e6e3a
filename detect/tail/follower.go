package tail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"
	"time"
)

// follower holds the generations of one log.
type follower struct {
	src  Source
	sink func(Batch)
	// files are open, oldest first: the last is the one that the path led to when it was last
	// looked at, the others are rotated away but may still be written to.
	files []*file
	// fresh: what is opened now began to exist while we looked, and is read from its beginning.
	fresh bool
	blind struct {
		why   string
		since time.Time
		told  bool
	}
}

func newFollower(src Source, sink func(Batch)) *follower {
	if src.Pause == 0 {
		src.Pause = pauseDefault
	}
	if src.now == nil {
		src.now = time.Now
	}
	f := &follower{src: src, sink: sink}
	if src.From != (Position{}) {
		f.resume()
	}
	return f
}

// look reads what is new in all generations and tells when to look again at the latest.
func (f *follower) look(ctx context.Context) time.Duration {
	err := f.open()
	for _, one := range f.files {
		if e := one.read(ctx, f.src.now(), f.sink); e != nil && err == nil {
			err = e
		}
	}
	f.judge(err)
	f.retire(err)
	switch {
	case f.blind.why != "" && !f.blind.told, len(f.files) > 1, err != nil && len(f.files) > 0:
		return settleEvery
	}
	return lookEvery
}

// open makes the file at the path the last one.
func (f *follower) open() error {
	id, err := identify(f.src.Path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.As(err, new(irregular)) {
		f.fresh = true
	}
	if err != nil {
		return err
	}
	if f.latest(id) {
		return nil
	}
	one, err := openFile(f.src.Path)
	if err != nil {
		return err
	}
	if f.latest(one.id) {
		one.close()
		return nil
	}
	if !f.fresh {
		one.toEnd()
	}
	f.fresh = true
	f.files = append(f.files, one)
	return nil
}

// latest tells whether the file is open already, and makes it the last: a rotated file can be
// renamed back.
func (f *follower) latest(id identity) bool {
	i := slices.IndexFunc(f.files, func(one *file) bool { return one.id == id })
	if i < 0 {
		return false
	}
	one := f.files[i]
	f.files = append(slices.Delete(f.files, i, i+1), one)
	return true
}

// generations is how many old files are kept at most, if each rotation leaves an empty one.
const generations = 4

// retire closes old files that nobody writes to any more. One that was removed and has no
// successor yet is old too: `rm error.log` without USR1.
func (f *follower) retire(missing error) {
	keep := f.files[:0]
	for i, one := range f.files {
		succeeded := slices.ContainsFunc(f.files[i+1:], func(later *file) bool { return later.offset > 0 })
		old := succeeded || missing != nil && one.removed()
		if one.quiet(old, f.src.now()) || len(f.files)-i > generations {
			one.finish(f.sink)
			one.close()
			continue
		}
		keep = append(keep, one)
	}
	clear(f.files[len(keep):])
	f.files = keep
}

// judge tells of blindness once it lasts, and of its end.
func (f *follower) judge(err error) {
	b := &f.blind
	if err == nil {
		if b.told {
			f.tell("")
		}
		b.why, b.told = "", false
		return
	}
	if b.why == "" {
		b.since = f.src.now()
	}
	why := fmt.Sprintf("cannot follow %q: %v", f.src.Path, reason(err))
	if f.src.now().Sub(b.since) >= blindAfter && (!b.told || b.why != why) {
		b.told = true
		f.tell(why)
	}
	b.why = why
}

func (f *follower) tell(why string) {
	if f.src.Blind != nil {
		f.src.Blind(why)
	}
}

// reason drops the operation and path that the message has already.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func (f *follower) close() {
	for _, one := range f.files {
		one.close()
	}
}
