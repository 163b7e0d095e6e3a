package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gatemend/gatemend/detect"
)

// Kind says what a record is about. Kinds that this package reads are named here, others
// are the writer's.
type Kind string

// Kinds of records.
const (
	KindStart     Kind = "start" // the agent started, ended
	KindStop      Kind = "stop"
	KindOpen      Kind = "open" // of an incident, and its steps
	KindConfirm   Kind = "confirm"
	KindIncident  Kind = "incident"
	KindDiagnosis Kind = "diagnosis"
	KindDecision  Kind = "decision"
	KindIntent    Kind = "intent"  // what is about to be done: data holds action, case, dry
	KindResult    Kind = "result"  // what became of the intent numbered data.seq
	KindOutcome   Kind = "outcome" // the verifier's word on the intent numbered data.seq
	KindVerdict   Kind = "verdict"
	KindClose     Kind = "close"
	KindEscalate  Kind = "escalate"
	KindRemind    Kind = "remind"
	KindPerson    Kind = "person" // heal, approve, pause, resume
	KindLost      Kind = "lost"   // a sensor, or lines that could not be read
	KindRotate    Kind = "rotate" // first of a segment: data.oldest is the oldest record kept
	KindTorn      Kind = "torn"   // an unfinished last line was taken aside
)

// vital records may use the part of the disk that is reserved.
func (k Kind) vital() bool { return k == KindIntent || k == KindResult || k == KindOutcome }

// Record is one line of the log.
type Record struct {
	Seq      int64           `json:"seq"` // from 1, without gaps: the order, never the time
	At       detect.Time     `json:"at"`
	Boot     string          `json:"boot,omitempty"`
	Uptime   detect.Span     `json:"uptime,omitempty"`
	Kind     Kind            `json:"kind"`
	Incident string          `json:"incident,omitempty"`
	Site     string          `json:"site,omitempty"`
	Route    string          `json:"route,omitempty"`
	Data     json.RawMessage `json:"data,omitempty"`
	Prev     string          `json:"prev"` // hash of the record before; [Genesis] for the first
	Hash     string          `json:"hash"` // SHA-256 of the line without this field
}

// Genesis is what the first record has for a predecessor.
const Genesis = "0000000000000000000000000000000000000000000000000000000000000000"

// maxLine bounds a record; a case with all its facts takes about 30 KiB.
const maxLine = 1 << 20

// maxSeq is beyond what any machine writes; a greater number is no number of ours, and
// one more than it would wrap.
const maxSeq = 1 << 60

var (
	hashKey = []byte(`,"hash":"`)
	lineEnd = []byte("\"}\n")
)

const tailLen = len(`,"hash":"`) + 2*sha256.Size + len(`"}`)

// encode writes the record as a line and sets its hash: that of the very bytes in front
// of the hash, so that any edited byte shows, white space too.
func encode(r *Record) ([]byte, error) {
	r.Hash = ""
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("cannot write record of kind %q: %w", r.Kind, err)
	}
	body, ok := bytes.CutSuffix(raw, append(hashKey[:len(hashKey):len(hashKey)], `"}`...))
	if !ok || bytes.IndexByte(body, '\n') >= 0 {
		return nil, fmt.Errorf("cannot write record of kind %q: its hash is not its last field", r.Kind)
	}
	if len(body)+tailLen >= maxLine {
		return nil, fmt.Errorf("cannot write record of kind %q: %d bytes are more than %d", r.Kind, len(body), maxLine)
	}
	sum := sha256.Sum256(body)
	r.Hash = hex.EncodeToString(sum[:])
	line := append(append(append(body, hashKey...), r.Hash...), lineEnd...)
	return line, nil
}

// errEdited says that a line does not have the hash that it states.
var errEdited = errors.New("the line does not match its own hash")

// decode reads a line without its newline. An [errEdited] comes with the record as read.
func decode(line []byte) (Record, error) {
	var r Record
	if len(line) >= maxLine {
		return r, fmt.Errorf("a line of %d bytes is longer than any record", len(line))
	}
	if err := json.Unmarshal(line, &r); err != nil {
		return Record{}, fmt.Errorf("not a record: %w", err)
	}
	if r.Seq <= 0 || r.Seq > maxSeq || r.Kind == "" || len(r.Hash) != 2*sha256.Size {
		return Record{}, errors.New("not a record: seq, kind or hash is missing")
	}
	cut := len(line) - tailLen
	if cut < 0 || !bytes.Equal(line[cut:cut+len(hashKey)], hashKey) {
		return r, errEdited
	}
	sum := sha256.Sum256(line[:cut])
	if hex.EncodeToString(sum[:]) != string(line[cut+len(hashKey):len(line)-2]) {
		return r, errEdited
	}
	return r, nil
}
