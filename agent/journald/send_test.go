package journald

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// TestSend reads entries as journald does: from the datagram, or from the file that it carries.
func TestSend(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"a line":              {"MESSAGE": "it is down"},
		"any byte":            {"MESSAGE": "two\nlines=\x00\xff", "GATEMEND_SITE": "MESSAGE=x\n"},
		"too long for a gram": {"MESSAGE": "long", "RECORD": strings.Repeat("x", 4<<20)},
	} {
		path := filepath.Join(t.TempDir(), "socket")
		conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		fields := []Field{{"EMPTY", ""}}
		for n, v := range want {
			fields = append(fields, Field{n, v})
		}
		if err := Send(path, fields); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := received(t, conn); !cmp.Equal(got, want) {
			t.Errorf("%s: journald got %.200q", name, got)
		}
	}
}

// A journald that reads nothing, as one that hangs does, or that is not there, holds nobody up.
func TestSendDoesNotHang(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "socket")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range 10_000 {
		if err = Send(path, []Field{{"MESSAGE", "x"}}); err != nil {
			break
		}
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a full socket: %v", err)
	}
	if err := Send(filepath.Join(dir, "none"), []Field{{"MESSAGE", "x"}}); err == nil || !strings.HasPrefix(err.Error(), "cannot write to journald: ") {
		t.Errorf("no socket: %v", err)
	}
}

func received(t *testing.T, conn *net.UnixConn) map[string]string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf, oob := make([]byte, 1<<20), make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := conn.ReadMsgUnix(buf, oob)
	if err != nil {
		t.Fatal(err)
	}
	raw := string(buf[:n])
	if oobn > 0 {
		raw = carried(t, oob[:oobn])
	}
	fields := map[string]string{}
	for raw != "" {
		name, rest, _ := strings.Cut(raw, "\n")
		size := binary.LittleEndian.Uint64([]byte(rest[:8]))
		fields[name] = rest[8 : 8+size]
		raw = rest[8+size+1:]
	}
	return fields
}

func carried(t *testing.T, oob []byte) string {
	t.Helper()
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		t.Fatal(err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fds[0]), "entry")
	defer f.Close()
	raw, err := io.ReadAll(io.NewSectionReader(f, 0, 8<<20))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
