package audit

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// topUp allocates the segment's next bytes, and the reserve behind them, without changing
// its size (fallocate(2), FALLOC_FL_KEEP_SIZE): an intent can then be written and synced on
// a disk that has filled up since.
func (l *Log) topUp(next int64) error {
	want := l.size + next + l.opt.Reserve
	if l.allocated >= want {
		return nil
	}
	want += l.opt.Reserve / 4 // so that not every record allocates
	err := unix.Fallocate(int(l.file.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, want)
	if err == nil {
		l.allocated = want
	}
	return err
}

// room asks whether a line fits: on a full disk the reserve is for vital records alone.
func (l *Log) room(n int64, vital bool) error {
	err := l.topUp(n)
	switch {
	case err == nil, errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENOSYS):
		return nil
	case vital:
		return nil // the write itself tells whether the reserve holds it
	}
	return fmt.Errorf("cannot reserve room in the audit log: %w", err)
}
