package audit

import (
	"encoding/binary"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// entry reads one entry as journald does.
func entry(t *testing.T, conn *net.UnixConn) map[string]string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 1<<16)
	n, err := conn.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for raw := string(buf[:n]); raw != ""; {
		name, rest, _ := strings.Cut(raw, "\n")
		size := binary.LittleEndian.Uint64([]byte(rest[:8]))
		fields[name], raw = rest[8:8+size], rest[8+size+1:]
	}
	return fields
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

func TestJournaldTakesARecord(t *testing.T) {
	path, conn := listenJournal(t)
	r := Record{Seq: 5, Kind: KindIntent, Hash: Genesis}
	const line = `{"seq":5}`
	if err := (journal{path}).record(r, []byte(line+"\n"), unix.EROFS); err != nil {
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
