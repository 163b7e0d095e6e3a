package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/detect"
)

// appendFlag is FS_APPEND_FL of linux/fs.h, which package unix does not have.
const appendFlag = 0x20

// appendOnly is chattr +a and -a.
func appendOnly(t *testing.T, on bool, paths ...string) {
	t.Helper()
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
		if err == nil {
			flags &^= appendFlag
			if on {
				flags |= appendFlag
			}
			err = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags)
		}
		f.Close()
		if err != nil {
			t.Skipf("this file system or user has no chattr: %v", err)
		}
	}
}

// Under chattr +a, on the directory and on every segment, records are written, reserved for, rotated and
// taken up again behind a torn tail. What is past its time stays, and verify says what to do.
func TestAppendOnly(t *testing.T) {
	dir := t.TempDir()
	now := detect.Time(1_748_779_200_000_000)
	o := nowhere(t)
	o.SegmentSize, o.KeepBytes, o.Reserve = 2000, 3000, 4096
	o.Now = func() detect.Time { return now }
	all := func() []string {
		names, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
		return append(names, dir)
	}
	l := open(t, dir, o)
	add(t, l, KindStart, `{}`)
	t.Cleanup(func() { appendOnly(t, false, all()...) })
	for range 30 {
		appendOnly(t, true, all()...)
		add(t, l, KindDecision, `{"filler":"`+strings.Repeat("x", 200)+`"}`)
		now = now.Add(day)
	}
	segs, err := segments(dir)
	if err != nil || len(segs) < 4 {
		t.Fatalf("%d segments, %v: nothing was rotated", len(segs), err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(segs[len(segs)-1].path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"seq":99,"ki`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	l = open(t, dir, o)
	add(t, l, KindDecision, `{}`)
	r := whole(t, dir, l.Head())
	if len(r.Torn) != 1 || len(r.Kept) == 0 || r.Kept[0] != filepath.Base(segs[0].path) {
		t.Errorf("torn %v, past their time %v", r.Torn, r.Kept)
	}
	appendOnly(t, false, all()...)
	for range 15 {
		add(t, l, KindDecision, `{"filler":"`+strings.Repeat("x", 200)+`"}`)
	}
	if r := whole(t, dir, l.Head()); len(r.Kept) != 0 {
		t.Errorf("after chattr -a these are still there: %v", r.Kept)
	}
}
