package sock

import (
	"errors"
	"io/fs"
	"os/user"
	"strconv"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pathwalk"
	"golang.org/x/sys/unix"
)

// Walk looks at each component of a path, as ourselves.
func Walk(path string) *detect.SocketPath { return View{}.Walk(path) }

// View is whose eyes a path is seen with.
type View struct {
	// Root is where the path begins: "" is our own root, /proc/PID/root that of a process,
	// which differs where its unit has PrivateTmp= or the like.
	Root string
	// May gives the kernel's answer for nginx's worker, by real path below the root and kind:
	// yes, no, or "" when it is not known. Nil: not asked.
	May func(real, kind string) string
}

// Walk looks at each component of a path. Links are recorded (Real is their target) and what
// they lead to follows; the parts end at the first that is missing, or that we may not look at.
func (v View) Walk(path string) *detect.SocketPath {
	out := &detect.SocketPath{Path: path}
	pathwalk.Walk(v.Root, path, func(s pathwalk.Step) bool {
		out.Parts = append(out.Parts, v.part(s))
		return true
	})
	// A link in the last place: what it leads to is what the path is.
	if last := out.Last(); last != nil && last.Path != path && last.Kind != "missing" && len(out.Parts) > 1 && endsInLink(out) {
		last.Real, last.Path = last.Path, path
	}
	return out
}

func endsInLink(p *detect.SocketPath) bool {
	for _, part := range p.Parts {
		if part.Path == p.Path && part.Kind == "link" {
			return true
		}
	}
	return false
}

func (v View) part(s pathwalk.Step) detect.PathPart {
	p := detect.PathPart{Path: s.Path, Kind: kind(s)}
	if s.Real != s.Path {
		p.Real = s.Real
	}
	if s.Link != "" {
		p.Real = detect.Clean(s.Link)
	}
	if s.Err != nil {
		return p
	}
	p.Mode, p.UID, p.GID = int(s.Stat.Mode&0o7777), int(s.Stat.Uid), int(s.Stat.Gid)
	p.Owner, p.Group = userName(p.UID), groupName(p.GID)
	p.Inode, p.Links = s.Stat.Ino, uint64(s.Stat.Nlink)
	p.CTime, p.MTime = micro(s.Stat.Ctim), micro(s.Stat.Mtim)
	if v.May != nil && (p.Kind == "dir" || p.Kind == "socket") {
		p.WorkerMay = v.May(s.Real, p.Kind)
	}
	return p
}

func kind(s pathwalk.Step) string {
	switch s.Kind() {
	case unix.S_IFDIR:
		return "dir"
	case unix.S_IFSOCK:
		return "socket"
	case unix.S_IFREG:
		return "file"
	case unix.S_IFLNK:
		return "link"
	}
	switch {
	case errors.Is(s.Err, fs.ErrPermission):
		return "hidden"
	case errors.Is(s.Err, unix.ELOOP):
		return "link"
	case s.Err != nil:
		return "missing"
	}
	return "other"
}

func micro(ts unix.Timespec) detect.Time { return detect.Time(ts.Nano() / 1000) }

// Names come from /etc/passwd and /etc/group; a DynamicUser= has none there.
func userName(uid int) string {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return ""
	}
	return detect.Clean(u.Username)
}

func groupName(gid int) string {
	g, err := user.LookupGroupId(strconv.Itoa(gid))
	if err != nil {
		return ""
	}
	return detect.Clean(g.Name)
}
