package sock

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pathwalk"
	"golang.org/x/sys/unix"
)

// Query says which listeners are wanted: those on Target, and all of Unit's.
type Query struct {
	Target detect.Target
	Unit   string // X.service
	Socket string // X.socket: held by the manager (PID 1) until the service has taken it over
	Root   string // where nginx's paths begin, see [View]
}

// Listeners finds the sockets that listen on the route's target or belong to its unit, those
// on the target first. Sockets of other network namespaces are not seen.
func Listeners(q Query) ([]detect.Listener, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	var out []detect.Listener
	for _, l := range all {
		l.judge(q)
		if l.Ours || l.InUnit {
			out = append(out, l.Listener)
		}
	}
	slices.SortStableFunc(out, func(a, b detect.Listener) int { return rank(a) - rank(b) })
	return out, nil
}

func rank(l detect.Listener) int {
	if l.Ours {
		return 0
	}
	return 1
}

// OnPorts finds who listens on TCP ports, whatever the address.
func OnPorts(ports ...int) ([]detect.Listener, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	var out []detect.Listener
	for _, l := range all {
		_, port, _ := net.SplitHostPort(l.Target.Address)
		if n, err := strconv.Atoi(port); err == nil && !l.Target.IsUnix() && slices.Contains(ports, n) {
			out = append(out, l.Listener)
		}
	}
	return out, nil
}

// Found is a listener with what the kernel knows of its file.
type Found struct {
	detect.Listener
	file fileID
}

// All lists every listening stream socket with its owners, for finding what a host runs. As
// another user than root it fails: without owners the answer would be read as "nobody's".
func All() ([]Found, error) {
	if os.Geteuid() != 0 {
		return nil, errNotRoot
	}
	sockets, err := listening()
	if err != nil {
		return nil, err
	}
	inodes := map[uint64]bool{}
	for _, s := range sockets {
		inodes[s.inode] = true
	}
	who, err := owners(inodes)
	if err != nil {
		return nil, err
	}
	out := make([]Found, 0, len(sockets))
	for _, s := range sockets {
		out = append(out, Found{detect.Listener{
			Target: s.target, Inode: s.inode, Queue: s.queue, Backlog: s.backlog, Owners: who[s.inode],
		}, s.file})
	}
	return out, nil
}

// judge fills in what depends on whose question it is.
func (l *Found) judge(q Query) {
	l.InUnit = slices.ContainsFunc(l.Owners, func(p detect.Process) bool { return q.Unit != "" && p.Unit == q.Unit })
	if !l.Target.IsUnix() {
		l.Ours = covers(l.Target, q.Target)
	} else if q.Target.IsUnix() {
		l.SameFile = l.file.is(q.Root, q.Target.Address)
		l.Ours = l.Target.Address == q.Target.Address || l.SameFile == "yes"
	}
	if !l.Ours && l.Target.IsUnix() {
		l.SameFile = l.file.is("", l.Target.Address)
	}
	byManager := slices.ContainsFunc(l.Owners, func(p detect.Process) bool { return p.PID == 1 })
	l.InUnit = l.InUnit || (q.Socket != "" && l.Ours && byManager)
}

// is tells whether a path below root leads to this very file now: yes, no, "" where the path is
// relative or nothing is known. On btrfs and overlayfs stat(2) gives a device of its own making (major
// 0, as tmpfs has too), so there an equal inode with another device decides nothing.
func (f fileID) is(root, path string) string {
	if !f.known() || path == "" || path[0] != '/' {
		return ""
	}
	var end pathwalk.Step // stat(2) would follow absolute links out of root
	pathwalk.Walk(root, path, func(s pathwalk.Step) bool { end = s; return true })
	dev := unix.Major(end.Stat.Dev)<<20 | unix.Minor(end.Stat.Dev)
	switch {
	case end.Err != nil || uint32(end.Stat.Ino) != f.ino:
		return "no"
	case dev == f.dev:
		return "yes"
	case unix.Major(end.Stat.Dev) == 0 && oddDevice(root+end.Real):
		return ""
	}
	return "no"
}

// oddDevice tells a file system whose stat(2) reports another device than the kernel uses.
func oddDevice(path string) bool {
	var st unix.Statfs_t
	err := unix.Statfs(path, &st)
	return err == nil && (st.Type == unix.BTRFS_SUPER_MAGIC || st.Type == unix.OVERLAYFS_SUPER_MAGIC)
}

// covers tells whether a TCP listener takes connections to target: the same port, and the same
// address or a wildcard. "localhost" stands for both loopback addresses, as nginx tries both.
func covers(listener, target detect.Target) bool {
	if target.Network != "tcp" {
		return false
	}
	have, err := netip.ParseAddrPort(listener.Address)
	host, port, err2 := net.SplitHostPort(target.Address)
	if err != nil || err2 != nil || strconv.Itoa(int(have.Port())) != port {
		return false
	}
	addr := have.Addr().Unmap()
	want, err := netip.ParseAddr(host)
	switch {
	case host == "localhost":
		return addr.IsUnspecified() || addr == netip.MustParseAddr("127.0.0.1") || addr == netip.IPv6Loopback()
	case err != nil:
		return false
	case addr.IsUnspecified():
		return addr.Is6() || want.Unmap().Is4() // [::] takes IPv4 too unless bindv6only
	}
	return addr == want.Unmap()
}
