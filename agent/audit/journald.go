package audit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// JournalSocket is where journald takes entries (systemd-journald.service(8)).
const JournalSocket = "/run/systemd/journal/socket"

// Fields of the entries that journald gets. `journalctl MESSAGE_ID=…` with [HeadID] finds
// every head of the chain; trust only those whose _UID is the agent's user or root.
const (
	HeadID      = "b6a9c3f27c5d4d4f8ab7d4a2b0c2f1e7"
	FieldSeq    = "GATEMEND_AUDIT_SEQ"
	FieldHash   = "GATEMEND_AUDIT_HASH"
	FieldKind   = "GATEMEND_AUDIT_KIND"
	FieldRecord = "GATEMEND_AUDIT_RECORD" // the whole line, where the disk could not take it
)

// Head is the chain's end at one moment, as journald remembers it.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// HeadOf reads a head from the fields of a journal entry.
func HeadOf(fields map[string]string) (Head, bool) {
	seq, err := strconv.ParseInt(fields[FieldSeq], 10, 64)
	h := Head{seq, fields[FieldHash]}
	return h, err == nil && seq > 0 && len(h.Hash) == len(Genesis)
}

// journald sends to the socket at path.
type journald struct{ path string }

const journaldTime = time.Second

func (j journald) head(r Record) error {
	return j.send(r, "6", fmt.Sprintf("audit record %d (%s)", r.Seq, r.Kind), nil)
}

// record sends the whole line at priority err: the disk that should hold it is full or
// read-only, which a person must know.
func (j journald) record(r Record, line []byte, why error) error {
	return j.send(r, "3", fmt.Sprintf("audit record %d (%s) could not be written to the disk (%v) and is kept here", r.Seq, r.Kind, why), bytes.TrimSuffix(line, []byte("\n")))
}

func (j journald) send(r Record, priority, message string, line []byte) error {
	var b bytes.Buffer
	for _, f := range [][2]string{
		{"MESSAGE", message}, {"PRIORITY", priority}, {"SYSLOG_IDENTIFIER", "gatemend"}, {"MESSAGE_ID", HeadID},
		{FieldSeq, strconv.FormatInt(r.Seq, 10)}, {FieldHash, r.Hash}, {FieldKind, string(r.Kind)},
	} {
		field(&b, f[0], []byte(f[1]))
	}
	if line != nil {
		field(&b, FieldRecord, line)
	}
	return j.datagram(b.Bytes())
}

// field writes one field in the form that may hold any byte (systemd's
// JOURNAL_NATIVE_PROTOCOL: name, newline, length as little-endian 64 bit, value, newline).
func field(b *bytes.Buffer, name string, value []byte) {
	b.WriteString(name)
	b.WriteByte('\n')
	_ = binary.Write(b, binary.LittleEndian, uint64(len(value))) // a bytes.Buffer does not fail
	b.Write(value)
	b.WriteByte('\n')
}

// datagram sends the entry; one too long for a datagram goes as a sealed memory file,
// which needs no disk. The socket is not connected: package net refuses to pass a file
// over one that is.
func (j journald) datagram(entry []byte) error {
	to := &net.UnixAddr{Name: j.path, Net: "unixgram"}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("cannot reach journald: %w", err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(journaldTime)); err != nil {
		return fmt.Errorf("cannot reach journald: %w", err)
	}
	_, _, err = conn.WriteMsgUnix(entry, nil, to)
	if errors.Is(err, unix.EMSGSIZE) || errors.Is(err, unix.ENOBUFS) {
		err = sendFile(conn, to, entry)
	}
	if err != nil {
		return fmt.Errorf("cannot write to journald: %w", err)
	}
	return nil
}

func sendFile(conn *net.UnixConn, to *net.UnixAddr, entry []byte) error {
	fd, err := unix.MemfdCreate("gatemend-audit", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
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
