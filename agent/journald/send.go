// Package journald writes entries to the journal, by systemd's native protocol (JOURNAL_NATIVE_PROTOCOL).
//
// go-systemd's journal package does too, but without a deadline: a journald that hangs would hold up whoever
// tells it something, and telling a person is what must not hang.
package journald

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// Socket is where journald takes entries (systemd-journald.service(8)).
const Socket = "/run/systemd/journal/socket"

// patience is how long a full socket is waited for.
const patience = time.Second

// Field is one field of an entry: NAME=value of systemd.journal-fields(7). The value may hold any byte.
type Field struct{ Name, Value string }

// Send writes one entry to the socket at path; fields without a value are left out. It takes a second at the
// most, and is safe for concurrent use.
func Send(path string, fields []Field) error {
	if err := datagram(path, entry(fields)); err != nil {
		return fmt.Errorf("cannot write to journald: %w", err)
	}
	return nil
}

// entry writes each field in the form that may hold any byte: name, newline, length as little-endian 64 bit,
// value, newline.
func entry(fields []Field) []byte {
	var b bytes.Buffer
	for _, f := range fields {
		if f.Value == "" {
			continue
		}
		b.WriteString(f.Name + "\n")
		b.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(f.Value))))
		b.WriteString(f.Value + "\n")
	}
	return b.Bytes()
}

// datagram sends the entry; one too long for a datagram goes as a sealed memory file,
// which needs no disk. The socket is not connected: package net refuses to pass a file
// over one that is.
func datagram(path string, entry []byte) error {
	to := &net.UnixAddr{Name: path, Net: "unixgram"}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, _, err = conn.WriteMsgUnix(entry, nil, to)
	if errors.Is(err, unix.EMSGSIZE) || errors.Is(err, unix.ENOBUFS) {
		return file(conn, to, entry)
	}
	return err
}

func file(conn *net.UnixConn, to *net.UnixAddr, entry []byte) error {
	fd, err := unix.MemfdCreate("gatemend-journal", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for rest := entry; len(rest) > 0; {
		n, err := unix.Write(fd, rest)
		if err != nil {
			return err
		}
		rest = rest[n:]
	}
	seals := unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_WRITE | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return err
	}
	_, _, err = conn.WriteMsgUnix(nil, unix.UnixRights(fd), to)
	return err
}
