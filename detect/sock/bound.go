package sock

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"strconv"

	"github.com/gatemend/gatemend/detect"
	"golang.org/x/sys/unix"
)

// bound is a listening socket as the kernel has it.
type bound struct {
	target  detect.Target
	inode   uint64 // of the socket
	queue   int
	backlog int
	file    fileID // that a unix socket is bound to
}

// fileID is a file by device and inode, as sock_diag gives them: the inode cut to 32 bits, the
// device in the kernel's own packing (MKDEV of linux/kdev_t.h).
type fileID struct{ dev, ino uint32 }

func (f fileID) known() bool { return f != fileID{} }

// listening lists the listening stream sockets of our network namespace.
func listening() ([]bound, error) {
	all, err := listeningUnix()
	if err != nil {
		return nil, err
	}
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		tcp, err := listeningTCP(family)
		if err != nil && !errors.Is(err, unix.ENOENT) { // without IPv6
			return nil, err
		}
		all = append(all, tcp...)
	}
	return all, nil
}

// unix_diag_req and its answer, linux/unix_diag.h.
const (
	showName, showFile, showQueue = 0x01, 0x02, 0x10
	attrName, attrFile, attrQueue = 0, 1, 4
	unixFixed                     = 16
)

func listeningUnix() ([]bound, error) {
	req := make([]byte, 24)
	req[0] = unix.AF_UNIX
	native.PutUint32(req[4:], 1<<tcpListen)
	native.PutUint32(req[12:], showName|showFile|showQueue)
	native.PutUint64(req[16:], ^uint64(0)) // no cookie
	var out []bound
	err := dump(req, func(b []byte) {
		if s, ok := parseUnix(b); ok {
			out = append(out, s)
		}
	})
	return out, err
}

func parseUnix(b []byte) (bound, bool) {
	if len(b) < unixFixed || b[1] != unix.SOCK_STREAM || b[2] != tcpListen {
		return bound{}, false
	}
	s := bound{inode: uint64(native.Uint32(b[4:])), target: detect.Target{Network: "unix"}}
	attributes(b[unixFixed:], func(kind uint16, v []byte) {
		switch {
		case kind == attrName:
			s.target.Address = string(bytes.TrimRight(v, "\x00"))
		case kind == attrFile && len(v) >= 8:
			s.file = fileID{ino: native.Uint32(v), dev: native.Uint32(v[4:])}
		case kind == attrQueue && len(v) >= 8:
			s.queue, s.backlog = int(native.Uint32(v)), int(native.Uint32(v[4:]))
		}
	})
	return s, true
}

// inet_diag_req_v2 and inet_diag_msg, linux/inet_diag.h.
const inetFixed = 72

func listeningTCP(family uint8) ([]bound, error) {
	req := make([]byte, 56)
	req[0], req[1] = family, unix.IPPROTO_TCP
	native.PutUint32(req[4:], 1<<tcpListen)
	native.PutUint64(req[48:], ^uint64(0)) // no cookie
	var out []bound
	err := dump(req, func(b []byte) {
		if s, ok := parseTCP(b); ok {
			out = append(out, s)
		}
	})
	return out, err
}

func parseTCP(b []byte) (bound, bool) {
	if len(b) < inetFixed || b[1] != tcpListen {
		return bound{}, false
	}
	ip := net.IP(bytes.Clone(b[8:24]))
	if b[0] == unix.AF_INET {
		ip = ip[:4]
	}
	port := strconv.Itoa(int(binary.BigEndian.Uint16(b[4:])))
	return bound{
		target:  detect.TCP(net.JoinHostPort(ip.String(), port)),
		queue:   int(native.Uint32(b[56:])),
		backlog: int(native.Uint32(b[60:])),
		inode:   uint64(native.Uint32(b[68:])),
	}, true
}
