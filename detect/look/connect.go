package look

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

const connectTimeout = 5 * time.Second

// connect connects to the target with the identity. The socket is non-blocking, as nginx's
// own is: a full accept queue gives EAGAIN at once.
func connect(ctx context.Context, id identity, target detect.Target) (net.Conn, syscall.Errno, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if target.IsUnix() {
		return connectTo(ctx, id, &unix.SockaddrUnix{Name: target.Address})
	}
	id.root = -1
	addrs, err := resolve(ctx, target.Address)
	if err != nil {
		return nil, 0, err
	}
	for i, addr := range addrs {
		conn, errno, err := connectTo(ctx, id, addr)
		if errno == 0 || err != nil || i == len(addrs)-1 {
			return conn, errno, err
		}
	}
	return nil, 0, fmt.Errorf("cannot connect to %q: the name has no address", target.Address)
}

// tried is a connected descriptor, or why there is none.
type tried struct {
	fd    int
	errno syscall.Errno
}

func connectTo(ctx context.Context, id identity, addr unix.Sockaddr) (net.Conn, syscall.Errno, error) {
	end, _ := ctx.Deadline()
	closeLate := func(t tried) {
		if t.errno == 0 {
			_ = unix.Close(t.fd)
		}
	}
	t, err := as(ctx, id, func() tried { return id.connect(addr, end) }, closeLate)
	if err != nil || t.errno != 0 {
		return nil, t.errno, err
	}
	f := os.NewFile(uintptr(t.fd), "nginx worker's view")
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, 0, fmt.Errorf("cannot use the connection: %w", err)
	}
	return conn, 0, nil
}

// connect runs on the worker's thread. A path below another root is found first: the socket's own
// mode is asked when it is connected to.
func (id identity) connect(addr unix.Sockaddr, end time.Time) tried {
	to, ok := addr.(*unix.SockaddrUnix)
	if !ok || id.root < 0 {
		return rawConnect(addr, end)
	}
	if len(to.Name) > sunPath {
		return tried{errno: unix.EINVAL}
	}
	fd, err := id.find(to.Name)
	if err != nil {
		return tried{errno: errnoOf(err)}
	}
	defer unix.Close(fd)
	return rawConnect(&unix.SockaddrUnix{Name: named(fd)}, end)
}

// sunPath is the longest path of a socket that connect(2) takes, without the NUL (unix(7)).
const sunPath = 107

// rawConnect runs on the worker's thread.
func rawConnect(addr unix.Sockaddr, end time.Time) tried {
	fd, err := unix.Socket(family(addr), unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return tried{errno: errnoOf(err)}
	}
	err = unix.Connect(fd, addr)
	if err == unix.EINPROGRESS {
		err = finish(fd, end)
	}
	if err != nil {
		_ = unix.Close(fd)
		return tried{errno: errnoOf(err)}
	}
	return tried{fd: fd}
}

func family(addr unix.Sockaddr) int {
	switch addr.(type) {
	case *unix.SockaddrUnix:
		return unix.AF_UNIX
	case *unix.SockaddrInet6:
		return unix.AF_INET6
	}
	return unix.AF_INET
}

// finish waits for a TCP connect to succeed or fail.
func finish(fd int, end time.Time) error {
	for {
		wait := int(time.Until(end).Milliseconds())
		if wait <= 0 {
			return unix.ETIMEDOUT
		}
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, wait)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return unix.ETIMEDOUT
		}
		code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && code != 0 {
			err = syscall.Errno(code)
		}
		return err
	}
}

func errnoOf(err error) syscall.Errno {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return unix.EINVAL // a name longer than sun_path, which x/sys refuses by itself
}

// resolve gives a host's addresses, IPv6 first, as nginx tries them for "localhost".
func resolve(ctx context.Context, hostport string) ([]unix.Sockaddr, error) {
	host, service, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, fmt.Errorf("cannot read address %q: %w", hostport, err)
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("cannot read the port of %q: %w", hostport, err)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("cannot resolve %q: %w", host, err)
	}
	slices.SortStableFunc(ips, func(a, b netip.Addr) int { return a.Unmap().BitLen() - b.Unmap().BitLen() })
	slices.Reverse(ips)
	var out []unix.Sockaddr
	for _, ip := range ips {
		if ip = ip.Unmap(); ip.Is4() {
			out = append(out, &unix.SockaddrInet4{Port: int(port), Addr: ip.As4()})
		} else {
			out = append(out, &unix.SockaddrInet6{Port: int(port), Addr: ip.As16()})
		}
	}
	return out, nil
}
