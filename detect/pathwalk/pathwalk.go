// Package pathwalk goes along a path one component at a time, as the kernel does, and shows
// every one of them: directories, links and where they lead, and the first that is missing.
// Nothing is opened, only lstat(2) is called, and links are followed by hand, so that a path
// can be walked below another root (the mount namespace of a process, by /proc/PID/root).
package pathwalk

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// Step is one component.
type Step struct {
	Path string // as the caller wrote it; inside a link's target the same as Real
	Real string // with the links before it followed, below the root
	Link string // target, for a symbolic link
	Stat unix.Stat_t
	Err  error // of lstat: the walk ends here. ELOOP after 40 links, as in the kernel
}

// Kind is the type of file, by the S_IF… constants; 0 when Err is set.
func (s Step) Kind() uint32 {
	if s.Err != nil {
		return 0
	}
	return s.Stat.Mode & unix.S_IFMT
}

const linksMax = 40

// part is a component to come; asked is "" for one that a link brought in.
type part struct{ name, asked string }

// Walk visits "/" and then each component of the absolute path below root ("" is the real
// root), until the end, the first error, or visit returning false.
func Walk(root, asked string, visit func(Step) bool) {
	todo := parts(asked, true)
	here, links := "/", 0
	if !visit(lstat(root, "/", "/")) {
		return
	}
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		if next.name == ".." {
			here = path.Dir(here)
			continue
		}
		step := lstat(root, path.Join(here, next.name), next.asked)
		if step.Kind() == unix.S_IFLNK {
			if links++; links > linksMax {
				step.Err = unix.ELOOP
			}
		}
		if !visit(step) || step.Err != nil {
			return
		}
		if step.Kind() != unix.S_IFLNK {
			here = step.Real
			continue
		}
		if strings.HasPrefix(step.Link, "/") {
			here = "/"
		}
		todo = append(parts(step.Link, false), todo...)
	}
}

func lstat(root, real, asked string) Step {
	s := Step{Path: asked, Real: real}
	if asked == "" {
		s.Path = real
	}
	full := root + real
	if s.Err = unix.Lstat(full, &s.Stat); s.Kind() == unix.S_IFLNK {
		buf := make([]byte, unix.PathMax)
		n, err := unix.Readlink(full, buf)
		if err != nil {
			s.Err = err
			return s
		}
		s.Link = string(buf[:n])
	}
	return s
}

// parts splits a path. Components written by the caller carry the path up to themselves.
func parts(p string, asked bool) (out []part) {
	sofar := ""
	for name := range strings.SplitSeq(p, "/") {
		if name == "" || name == "." {
			continue
		}
		sofar += "/" + name
		if asked {
			out = append(out, part{name, sofar})
		} else {
			out = append(out, part{name, ""})
		}
	}
	return out
}
