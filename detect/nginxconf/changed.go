package nginxconf

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/gatemend/gatemend/detect"
)

// LastChange is [LastChange] of all files and directories of the configuration.
func (c *Conf) LastChange() (path string, at detect.Time) {
	return LastChange(append(c.Files(), c.Dirs()...))
}

// LastChange is the newest mtime or ctime of any of the paths (links and what they lead to) and of the
// directories that hold the files, and the path that changed: a file where one did, which its directory
// then did too; the directory where a file was removed. ctime counts, because cp -p and mv keep an old
// mtime; the directory counts, because a removed file has no time of its own. 0 when nothing could be
// looked at.
func LastChange(paths []string) (path string, at detect.Time) {
	newest := map[bool]detect.Time{} // by whether it is a directory
	where := map[bool]string{}
	seen := map[string]bool{}
	look := func(p string) {
		if seen[p] {
			return
		}
		seen[p] = true
		info, err := os.Stat(p)
		dir := err == nil && info.IsDir()
		if t := max(touched(os.Lstat(p)), touched(info, err)); t > newest[dir] {
			newest[dir], where[dir] = t, p
		}
	}
	for _, p := range paths {
		look(p)
		if info, err := os.Stat(p); err != nil || !info.IsDir() { // /etc, which holds /etc/nginx, changes for other reasons
			look(filepath.Dir(p))
		}
	}
	at = max(newest[false], newest[true])
	return where[at.Sub(newest[false]) > together], at
}

// together is how far apart a file's and its directory's times of one change may lie.
const together = detect.Span(1_000_000)

func touched(info os.FileInfo, err error) detect.Time {
	if err != nil {
		return 0
	}
	t := detect.At(info.ModTime())
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		t = max(t, detect.Time(int64(st.Ctim.Sec)*1_000_000+int64(st.Ctim.Nsec)/1000))
	}
	return t
}
