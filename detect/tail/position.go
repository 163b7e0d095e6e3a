package tail

import (
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
)

// Position is a place in a file, to be remembered across restarts.
type Position struct {
	Dev    uint64 `json:"dev"`
	Inode  uint64 `json:"inode"`
	Offset int64  `json:"offset"`
	Sum    uint64 `json:"sum"` // of the file's first bytes: inodes are used again
}

func sum(b []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(b)
	return h.Sum64()
}

// resume goes on from the remembered position, in the file that was rotated away meanwhile if
// that is still beside it. All that came after it is fresh.
func (f *follower) resume() {
	f.fresh = true
	p := f.src.From
	one := f.remembered()
	if one == nil {
		f.sink(Batch{Lost: 1, Why: "the file that was read last is gone: its end is not known"})
		return
	}
	if one.seek(p.Offset); one.mark != p || one.truncated() {
		one.head = nil
		one.seek(0)
		f.sink(Batch{Lost: 1, Why: "the file was truncated while it was not followed", At: one.mark})
	}
	f.files = append(f.files, one)
}

// remembered opens the file of the position by its name or that of a rotated one: error.log.1,
// error.log-20261122.
func (f *follower) remembered() *file {
	dir, base := filepath.Split(f.src.Path)
	names := []string{f.src.Path}
	if entries, err := os.ReadDir(dir); err == nil {
		for _, e := range entries {
			if e.Name() != base && strings.HasPrefix(e.Name(), base) {
				names = append(names, dir+e.Name())
			}
		}
	}
	want := identity{f.src.From.Dev, f.src.From.Inode}
	for _, name := range names {
		if id, err := identify(name); err != nil || id != want {
			continue
		}
		if one, err := openFile(name); err == nil && one.id == want {
			return one
		} else if err == nil {
			one.close()
		}
	}
	return nil
}
