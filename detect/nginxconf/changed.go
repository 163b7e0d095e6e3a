package nginxconf

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/gatemend/gatemend/detect"
)

// Changed is the newest mtime or ctime of any of the paths (links and what they lead to) and of
// the directories that hold the files: pass [Conf.Files] and [Conf.Dirs]. ctime counts, because cp -p and mv keep an
// old mtime; the directory counts, because a removed file has no time of its own. 0 when nothing could be looked at.
func Changed(paths []string) detect.Time {
	var newest detect.Time
	seen := map[string]bool{}
	look := func(p string) {
		if !seen[p] {
			seen[p] = true
			newest = max(newest, touched(os.Lstat(p)), touched(os.Stat(p)))
		}
	}
	for _, p := range paths {
		look(p)
		if info, err := os.Stat(p); err != nil || !info.IsDir() { // /etc, which holds /etc/nginx, changes for other reasons
			look(filepath.Dir(p))
		}
	}
	return newest
}

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
