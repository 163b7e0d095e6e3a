package tail

import (
	"os"
	"path/filepath"
	"testing"
)

func TestStartsAtTheEnd(t *testing.T) {
	l := newLog(t)
	l.write("", "old\nhalf of an old")
	l.start()
	l.write("", " line\nnew\n")
	l.look()
	l.want(0, "new")
}

func TestMissingAtStartIsReadFromItsBeginning(t *testing.T) {
	l := newLog(t).start()
	l.write("", "first\nsecond\nhal")
	l.look()
	l.write("", "f\n")
	l.look()
	l.want(0, "first", "second", "half")
}

func TestOldFileIsReadUntilItsWritersAreGone(t *testing.T) {
	l := newLog(t)
	l.write("", "old\n")
	l.start()
	l.rotate()
	l.write(".1", "before USR1\n")
	l.look()
	l.write("", "")
	l.look()
	l.write(".1", "new file is there, but empty\n")
	l.look()
	l.write("", "first worker reopened\n")
	l.look()
	l.write(".1", "second worker did not\n")
	l.look()
	l.want(0, "before USR1", "new file is there, but empty", "first worker reopened", "second worker did not")
	if next := l.look(); next != settleEvery {
		t.Errorf("next look after %v while two files are open", next)
	}
	l.now = l.now.Add(linger)
	if next := l.look(); next != lookEvery || len(l.f.files) != 1 {
		t.Errorf("next look after %v, %d files open; the old file is quiet", next, len(l.f.files))
	}
}

func TestUSR1FailedAndTheOldFileIsWrittenForDays(t *testing.T) {
	l := newLog(t)
	l.write("", "")
	l.start()
	l.rotate()
	l.write("", "")
	l.look()
	l.now = l.now.Add(48 * linger)
	l.look()
	l.write(".1", "still here\n")
	l.look()
	l.want(0, "still here")
}

func TestRemovedWhileNginxWritesOn(t *testing.T) {
	l := newLog(t)
	l.write("", "")
	l.start()
	w, err := os.OpenFile(l.path, os.O_APPEND|os.O_WRONLY, 0)
	l.must(err)
	defer w.Close()
	l.must(os.Remove(l.path))
	l.look()
	_, err = w.WriteString("from a file without a name\n")
	l.must(err)
	l.look()
	l.want(0, "from a file without a name")
	l.now = l.now.Add(linger)
	l.look()
	if len(l.f.files) != 0 {
		t.Error("a removed file is held open for good: its space is not freed")
	}
}

func TestRenamedBack(t *testing.T) {
	l := newLog(t)
	l.write("", "")
	l.start()
	l.rotate()
	l.write("", "in the new one\n")
	l.look()
	l.must(os.Rename(l.path+".1", l.path))
	l.look()
	l.write("", "in the old one\n")
	l.look()
	l.want(0, "in the new one", "in the old one")
}

func TestDirectoryGoneAndBack(t *testing.T) {
	l := newLog(t)
	l.write("", "")
	l.start()
	dir := filepath.Dir(l.path)
	l.must(os.Rename(dir, dir+".old"))
	l.look()
	l.must(os.Mkdir(dir, 0o755))
	l.write("", "in the new directory\n")
	l.look()
	l.want(0, "in the new directory")
}

func TestTruncated(t *testing.T) {
	for name, tt := range map[string]struct {
		after string // the file's new content
		want  []string
	}{
		"to nothing":                   {"", []string{"a line"}},
		"and shorter":                  {"b\n", []string{"a line", "b"}},
		"and grown to the same size":   {"b line\n", []string{"a line", "b line"}},
		"and grown past what was read": {"b line\nc line\n", []string{"a line", "b line", "c line"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t).start()
			l.write("", "a line\n")
			l.look()
			l.must(os.Truncate(l.path, 0))
			l.write("", tt.after)
			l.look()
			l.look()
			l.want(1, tt.want...)
		})
	}
}

// A flood's lines are of one length and end alike: where the file was read to, the bytes are
// the same after copytruncate.
func TestTruncatedInAFloodOfLikeLines(t *testing.T) {
	end := repeat(" the same end", 20) + "\n"
	l := newLog(t).start()
	l.write("", "1"+end)
	l.look()
	l.must(os.Truncate(l.path, 0))
	l.write("", "2"+end+"3"+end)
	l.look()
	l.want(1, "1"+end[:len(end)-1], "2"+end[:len(end)-1], "3"+end[:len(end)-1])
}

func TestTruncatedUnderAWriterThatDoesNotAppend(t *testing.T) {
	l := newLog(t).start()
	w, err := os.Create(l.path)
	l.must(err)
	defer w.Close()
	_, err = w.WriteString(repeat("x", 3*LineMax) + "\n")
	l.must(err)
	l.look()
	l.must(os.Truncate(l.path, 0))
	l.look()
	_, err = w.WriteString("behind a hole\n")
	l.must(err)
	l.look()
	_, err = w.WriteString("and on\n")
	l.must(err)
	l.look()
	if got := l.lines[1:]; len(got) != 2 || got[0] != "behind a hole" || got[1] != "and on" {
		t.Errorf("%d lines, the last is %.40q", len(l.lines), l.lines[len(l.lines)-1])
	}
}

func TestUnfinishedLineOfARotatedFileIsGivenAtItsEnd(t *testing.T) {
	l := newLog(t).start()
	l.write("", "killed in the mid")
	l.look()
	l.rotate()
	l.write("", "new\n")
	l.look()
	l.now = l.now.Add(linger)
	l.look()
	l.want(0, "new", "killed in the mid")
}

func TestResume(t *testing.T) {
	position := func(t *testing.T) (*log, Position) {
		l := newLog(t).start()
		l.write("", "read\nhalf")
		l.look()
		l.f.close()
		l.f.files, l.lines = nil, nil
		return l, l.at
	}
	t.Run("the same file, the half line whole", func(t *testing.T) {
		l, at := position(t)
		l.write("", " a line\n")
		l.startAt(at).want(0, "half a line")
	})
	t.Run("rotated meanwhile", func(t *testing.T) {
		l, at := position(t)
		l.write("", " a line\n")
		l.rotate()
		l.write("", "new\n")
		l.startAt(at).want(0, "half a line", "new")
	})
	t.Run("truncated meanwhile", func(t *testing.T) {
		l, at := position(t)
		l.must(os.Truncate(l.path, 0))
		l.write("", "other, and longer than before\n")
		l.startAt(at).want(1, "other, and longer than before")
	})
	t.Run("removed meanwhile", func(t *testing.T) {
		l, at := position(t)
		l.write(".2", "holds the inode number of no one\n")
		l.must(os.Remove(l.path))
		l.startAt(at).want(1)
		l.write("", "new\n")
		l.look()
		l.want(1, "new")
	})
}
