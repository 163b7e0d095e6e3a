package audit

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/gatemend/gatemend/agent/journald"
)

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

// journal is journald's socket at path.
type journal struct{ path string }

func (j journal) head(r Record) error {
	return j.send(r, "6", fmt.Sprintf("audit record %d (%s)", r.Seq, r.Kind), nil)
}

// record sends the whole line at priority err: the disk that should hold it is full or
// read-only, which a person must know.
func (j journal) record(r Record, line []byte, why error) error {
	return j.send(r, "3", fmt.Sprintf("audit record %d (%s) could not be written to the disk (%v) and is kept here", r.Seq, r.Kind, why), bytes.TrimSuffix(line, []byte("\n")))
}

func (j journal) send(r Record, priority, message string, line []byte) error {
	return journald.Send(j.path, []journald.Field{
		{Name: "MESSAGE", Value: message}, {Name: "PRIORITY", Value: priority}, {Name: "SYSLOG_IDENTIFIER", Value: "gatemend"}, {Name: "MESSAGE_ID", Value: HeadID},
		{Name: FieldSeq, Value: strconv.FormatInt(r.Seq, 10)}, {Name: FieldHash, Value: r.Hash}, {Name: FieldKind, Value: string(r.Kind)}, {Name: FieldRecord, Value: string(line)},
	})
}
