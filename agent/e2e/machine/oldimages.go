package machine

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// dropOldImages removes images that nothing has asked for in a while. A running machine holds its
// image's lock, and an image in use is left alone.
// Failures are not worth a failed test: the images stay until the next build.
func dropOldImages(cache string) {
	locks, _ := filepath.Glob(filepath.Join(cache, "*.lock"))
	for _, path := range locks {
		info, err := os.Stat(path)
		if err != nil || time.Since(info.ModTime()) < unusedFor {
			continue
		}
		held, err := tryLock(path, unix.LOCK_EX)
		if err != nil {
			continue
		}
		dropImage(strings.TrimSuffix(path, ".lock"))
		held.Close()
	}
}

// dropImage removes the image, then what belongs to it; the lock last, as others may be waiting for it.
func dropImage(dir string) {
	if removeTree(dir) != nil || removeTree(dir+".partial") != nil {
		return
	}
	_ = os.Remove(dir + ".log")
	_ = os.Remove(dir + ".lock")
}
