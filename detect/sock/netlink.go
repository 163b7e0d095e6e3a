package sock

import (
	"encoding/binary"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	sockDiagByFamily = 20 // SOCK_DIAG_BY_FAMILY, linux/sock_diag.h
	tcpListen        = 10 // TCP_LISTEN, net/tcp_states.h; unix sockets use it too
)

var native = binary.NativeEndian

// dump sends one sock_diag request and gives each message of the answer to visit. It needs no
// privilege. A kernel without the module for the family answers ENOENT.
func dump(request []byte, visit func(payload []byte)) error {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return fmt.Errorf("cannot ask the kernel for sockets: %w", err)
	}
	defer unix.Close(fd)
	timeout := unix.Timeval{Sec: 2}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
		return fmt.Errorf("cannot ask the kernel for sockets: %w", err)
	}
	if err := unix.Sendto(fd, message(request), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return fmt.Errorf("cannot ask the kernel for sockets: %w", err)
	}
	buf := make([]byte, 64<<10)
	for done := false; !done; {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err == unix.EINTR {
			continue
		}
		if err == nil {
			done, err = each(buf[:n], visit)
		}
		if err != nil {
			return fmt.Errorf("cannot ask the kernel for sockets: %w", err)
		}
	}
	return nil
}

func message(payload []byte) []byte {
	const header = unix.SizeofNlMsghdr
	b := make([]byte, header, header+len(payload))
	native.PutUint32(b[0:], uint32(header+len(payload)))
	native.PutUint16(b[4:], sockDiagByFamily)
	native.PutUint16(b[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	return append(b, payload...)
}

// each visits the messages of one datagram, of which a dump has several: a reader that stops
// after the first misses most sockets.
func each(b []byte, visit func([]byte)) (done bool, err error) {
	messages, err := syscall.ParseNetlinkMessage(b)
	if err != nil {
		return false, err
	}
	for _, m := range messages {
		switch m.Header.Type {
		case unix.NLMSG_DONE:
			return true, nil
		case unix.NLMSG_ERROR:
			if len(m.Data) >= 4 {
				if code := int32(native.Uint32(m.Data)); code != 0 {
					return true, syscall.Errno(-code)
				}
			}
			return true, nil
		case sockDiagByFamily:
			visit(m.Data)
		}
	}
	return false, nil
}

// attributes visits the (type, value) pairs behind a message's fixed part.
func attributes(b []byte, visit func(kind uint16, value []byte)) {
	const header = int(unsafe.Sizeof(unix.RtAttr{}))
	for len(b) >= header {
		size := int(native.Uint16(b))
		if size < header || size > len(b) {
			return
		}
		visit(native.Uint16(b[2:]), b[header:size])
		b = b[min(len(b), (size+3)&^3):]
	}
}
