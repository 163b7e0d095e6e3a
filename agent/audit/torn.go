package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gatemend/gatemend/detect/fault"
	"github.com/gatemend/gatemend/remediate/durable"
)

// takeAside moves what is behind the last good line to a .torn file: a write that a crash
// cut short, or the zeros that a file system shows for blocks never written. More than any
// record is damage, not a tear: it stays for [Verify] to name, as does what cannot be cut
// (chattr +a); a newline then ends it, and the chain goes on behind.
func (l *Log) takeAside(path string, end int64) {
	lost, kept := l.size-end, ""
	cut := lost <= maxLine
	if cut {
		kept = l.copyTail(path, end, lost)
		cut = l.file.Truncate(end) == nil
	}
	if cut {
		l.size, l.allocated = end, end
	} else if n, err := l.file.Write([]byte("\n")); err == nil {
		l.size += int64(n)
	}
	data, _ := json.Marshal(torn{Bytes: lost, Kept: kept}) // two plain values
	_, _ = l.append(&Record{Kind: KindTorn, Data: data})   // what fails here fails at the next record, which says so
}

// torn is the data of a [KindTorn] record.
type torn struct {
	Bytes int64  `json:"bytes"`
	Kept  string `json:"kept,omitempty"` // the file they are in; "" where a full disk did not take them
}

func (l *Log) copyTail(path string, end, n int64) string {
	tail := make([]byte, n)
	if _, err := l.file.ReadAt(tail, end); err != nil && !errors.Is(err, io.EOF) {
		return ""
	}
	aside := fmt.Sprintf("%s.%d.torn", path, end)
	if l.save(aside, tail) != nil {
		return ""
	}
	return filepath.Base(aside)
}

// save writes a small file of ours, with the directory's owner: whole, or not at all. What a crash left goes with
// the bundle.
func (l *Log) save(path string, data []byte) error {
	return durable.Replace(path, data, 0o600, l.adopt, func(*os.File) error {
		fault.Reach(fault.BundleWritten)
		return nil
	})
}
