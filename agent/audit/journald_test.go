package audit

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// entry reads one entry as journald does: from the datagram, or from the file it carries.
func entry(t *testing.T, conn *net.UnixConn) map[string]string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf, oob := make([]byte, 1<<20), make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := conn.ReadMsgUnix(buf, oob)
	if err != nil {
		t.Fatal(err)
	}
	raw := buf[:n]
	if oobn > 0 {
		raw = passed(t, oob[:oobn])
	}
	fields := map[string]string{}
	for len(raw) > 0 {
		name, rest, _ := strings.Cut(string(raw), "\n")
		size := binary.LittleEndian.Uint64([]byte(rest[:8]))
		fields[name] = rest[8 : 8+size]
		raw = []byte(rest[8+size+1:])
	}
	return fields
}

func passed(t *testing.T, oob []byte) []byte {
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
	raw, err := io.ReadAll(io.NewSectionReader(f, 0, maxLine*2))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestEveryHeadIsAlsoInJournald(t *testing.T) {
	path, conn := listenJournal(t)
	dir := t.TempDir()
	l := open(t, dir, Options{Journal: path})
	for range 3 {
		add(t, l, KindDecision, `{}`)
	}
	var heads []Head
	for range 3 {
		f := entry(t, conn)
		h, ok := HeadOf(f)
		if !ok || f["MESSAGE_ID"] != HeadID || f["PRIORITY"] != "6" || f[FieldKind] != "decision" {
			t.Errorf("entry %v", f)
		}
		heads = append(heads, h)
	}
	if heads[2] != l.Head() {
		t.Errorf("journald has %+v, the log %+v", heads[2], l.Head())
	}
	if r := whole(t, dir, heads...); r.Heads != 3 {
		t.Errorf("%d heads compared", r.Heads)
	}
}

func TestJournaldTakesALongRecord(t *testing.T) {
	path, conn := listenJournal(t)
	r := Record{Seq: 5, Kind: KindIntent, Hash: Genesis}
	line := strings.Repeat("x", 700<<10)
	done := make(chan error, 1)
	go func() { done <- journald{path}.record(r, []byte(line+"\n"), unix.EROFS) }()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	f := entry(t, conn)
	if f[FieldRecord] != line || f["PRIORITY"] != "3" || !strings.Contains(f["MESSAGE"], "read-only") {
		t.Errorf("record of %d bytes, message %q", len(f[FieldRecord]), f["MESSAGE"])
	}
}

// listenJournal stands in for journald: a datagram socket whose entries can be read.
func listenJournal(t *testing.T) (string, *net.UnixConn) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "socket")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return path, conn
}
