package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// smallDisk is a real file system of 8 MiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=8m,mode=0700"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("filling the disk ended with %v", err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func intentOf(size int) Record {
	data, _ := json.Marshal(map[string]string{"filler": strings.Repeat("x", size)})
	return Record{Kind: KindIntent, Incident: "7", Site: "shop", Data: data}
}

// Promise 2 on a full disk: the reserve takes intents, and nothing else.
func TestFullDiskStillTakesIntents(t *testing.T) {
	dir := filepath.Join(smallDisk(t), "state")
	path, conn := listenJournal(t)
	go drain(conn)
	l := open(t, dir, Options{Journal: path, Reserve: 300 << 10})
	add(t, l, KindStart, `{}`)
	free := fill(t, filepath.Dir(dir))

	for range 5 {
		seq, err := l.Append(context.Background(), intentOf(40<<10))
		if err != nil || seq == 0 {
			t.Fatalf("an intent on a full disk: %d, %v", seq, err)
		}
	}
	var only *JournalOnly
	if _, err := l.Append(context.Background(), Record{Kind: KindDecision}); !errors.As(err, &only) || !errors.Is(err, unix.ENOSPC) || !Kept(err) {
		t.Errorf("another record on a full disk gave %v, want JournalOnly", err)
	}
	if _, err := l.Append(context.Background(), intentOf(40<<10)); err != nil {
		t.Errorf("an intent behind one that waits: %v", err)
	}
	free()
	add(t, l, KindDecision, `{}`)
	if r := whole(t, dir, l.Head()); r.Records != 9 {
		t.Errorf("%d records, want all 9", r.Records)
	}
}

func TestFullDiskBeyondTheReserve(t *testing.T) {
	dir := filepath.Join(smallDisk(t), "state")
	path, conn := listenJournal(t)
	go drain(conn)
	l := open(t, dir, Options{Journal: path, Reserve: 100 << 10})
	free := fill(t, filepath.Dir(dir))
	var only *JournalOnly
	kept := 0
	for range 12 {
		seq, err := l.Append(context.Background(), intentOf(40<<10))
		if err != nil && !errors.As(err, &only) {
			t.Fatal(err)
		}
		if seq > 0 {
			kept++
		}
	}
	if only == nil {
		t.Fatal("twelve intents of 40 KiB fitted into 100 KiB")
	}
	if r, err := Verify(dir); err != nil || !r.OK() {
		t.Errorf("half of a record is left on the full disk: %+v, %v", r.Damage, err)
	}
	free()
	add(t, l, KindDecision, `{}`)
	if r := whole(t, dir, l.Head()); r.Records != kept+1 {
		t.Errorf("%d records on the disk, want %d", r.Records, kept+1)
	}
}

func TestFullDiskWithoutJournaldRefuses(t *testing.T) {
	dir := filepath.Join(smallDisk(t), "state")
	o := nowhere(t)
	o.Reserve = 50 << 10
	l := open(t, dir, o)
	fill(t, filepath.Dir(dir))
	var err error
	var seq int64
	for range 12 {
		if seq, err = l.Append(context.Background(), intentOf(40<<10)); err != nil {
			break
		}
	}
	if err == nil || Kept(err) || seq != 0 {
		t.Errorf("where neither takes it an intent gave %d, %v", seq, err)
	}
	whole(t, dir, l.Head())
}

func TestReadOnlyDiskLeavesJournald(t *testing.T) {
	disk := smallDisk(t)
	dir := filepath.Join(disk, "state")
	path, conn := listenJournal(t)
	l := open(t, dir, Options{Journal: path})
	add(t, l, KindStart, `{}`)
	entry(t, conn)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	readOnly := func(flag uintptr) {
		if err := unix.Mount("", disk, "", unix.MS_REMOUNT|flag, ""); err != nil {
			t.Fatal(err)
		}
	}
	readOnly(unix.MS_RDONLY)
	l = open(t, dir, Options{Journal: path})
	seq, err := l.Append(context.Background(), intentOf(10))
	var only *JournalOnly
	if seq != 2 || !errors.As(err, &only) || !errors.Is(err, unix.EROFS) {
		t.Errorf("an intent on a read-only disk gave %d, %v", seq, err)
	}
	f := entry(t, conn)
	if r, err := decode([]byte(f[FieldRecord])); err != nil || r.Seq != 2 || r.Kind != KindIntent {
		t.Errorf("journald has %+v, %v", r, err)
	}
	if got := l.History(day); len(got) != 1 {
		t.Errorf("the intent does not count: %+v", got)
	}
	conn.Close()
	if _, err := l.Append(context.Background(), intentOf(10)); err == nil || Kept(err) {
		t.Errorf("neither disk nor journald, and yet %v", err)
	}
	readOnly(0)
	add(t, l, KindStop, `{}`)
	if r := whole(t, dir, l.Head()); r.Records != 3 {
		t.Errorf("%d records, want 3: what journald held is not on the disk", r.Records)
	}
}

// What only journald has is written once the disk takes it, though nothing more happens: the reader of
// the files (`gatemend incidents`) would not know of it else.
func TestWhatWaitsIsWrittenByItself(t *testing.T) {
	dir := filepath.Join(smallDisk(t), "state")
	path, conn := listenJournal(t)
	go drain(conn)
	l := open(t, dir, Options{Journal: path, Reserve: 300 << 10, Retry: 5 * time.Millisecond})
	add(t, l, KindStart, `{}`)
	free := fill(t, filepath.Dir(dir))
	var only *JournalOnly
	n := 1
	for err := error(nil); err == nil; n++ {
		_, err = l.Append(t.Context(), Record{Kind: KindDecision, Data: json.RawMessage(`"` + strings.Repeat("x", 10<<10) + `"`)})
		if err != nil && !errors.As(err, &only) || n > 1000 {
			t.Fatalf("record %d on a full disk: %v", n, err)
		}
	}
	if r, err := Verify(dir); err != nil || r.Records != n-1 {
		t.Fatalf("%d records on a full disk, %v: the reserve is not for what waits", r.Records, err)
	}
	free()
	for end := time.Now().Add(10 * time.Second); ; {
		r, err := Verify(dir)
		if err == nil && r.OK() && r.Records == n {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d records, %v", r.Records, err)
		}
	}
	whole(t, dir, l.Head())
}

// The agent ends while only journald has its intent. The next one knows of it, and it gets to the disk.
func TestWhatJournaldKeptOutlivesTheAgent(t *testing.T) {
	disk := smallDisk(t)
	dir := filepath.Join(disk, "state")
	path, conn := listenJournal(t)
	l := open(t, dir, Options{Journal: path})
	add(t, l, KindStart, `{}`)
	entry(t, conn)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	remount := func(flag uintptr) {
		if err := unix.Mount("", disk, "", unix.MS_REMOUNT|flag, ""); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)
	l = open(t, dir, Options{Journal: path})
	var only *JournalOnly
	if _, err := l.Append(t.Context(), intentOf(10)); !errors.As(err, &only) {
		t.Fatal(err)
	}
	kept := []byte(entry(t, conn)[FieldRecord])
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	strange, err := encode(&Record{Seq: 3, Kind: KindIntent, Prev: Genesis, Data: json.RawMessage(`{}`)}) // of nobody's chain
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Journal: path, Kept: func(detect.Time) [][]byte {
		return [][]byte{[]byte("x"), kept, kept, bytes.TrimSuffix(strange, []byte("\n"))}
	}}
	l = open(t, dir, o)
	if got := l.History(day); len(got) != 1 || got[0].Outcome != policy.OutcomeOpen {
		t.Errorf("history %+v, want the one intent, open", got)
	}
	remount(0)
	go drain(conn)
	add(t, l, KindStart, `{}`)
	if r := whole(t, dir, l.Head()); r.Records != 3 {
		t.Errorf("%d records on the disk, want 3", r.Records)
	}
}

func drain(conn interface{ Read([]byte) (int, error) }) {
	var err error
	for buf := bytes.NewBuffer(make([]byte, 1<<20)); err == nil; {
		_, err = conn.Read(buf.Bytes())
	}
}
