package notify

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// ledgerName lies beside the messages; no message has a name of letters.
const ledgerName = "ledger.json"

// mostSettled messages are remembered as done with.
const mostSettled = 1024

// ledger is what became of a channel's messages, for status and across restarts. It is on
// disk before a delivered message is removed: a crash in between repeats nothing.
type ledger struct {
	Delivered int         `json:"delivered"`        // that the other end took
	Overtaken int         `json:"overtaken"`        // for which a later one of their incident was delivered
	Dropped   int         `json:"dropped"`          // too many waited
	Untold    int         `json:"untold,omitempty"` // of the dropped: not told with a later message yet
	Torn      int         `json:"torn"`             // that could not be read
	LastOK    detect.Time `json:"last_ok,omitempty"`
	Error     string      `json:"error,omitempty"` // of the last failure
	ErrorAt   detect.Time `json:"error_at,omitempty"`
	Settled   []string    `json:"settled,omitempty"` // ids that are done with
	Refused   []string    `json:"refused,omitempty"` // ids that the other end refused for good
}

// readLedger gives an empty one where there is none, or none that can be read: it repeats
// what lay between delivery and removal, and loses counts, never a message.
func readLedger(dir string) ledger {
	var l ledger
	raw, err := os.ReadFile(filepath.Join(dir, ledgerName))
	if err == nil {
		err = json.Unmarshal(raw, &l)
	}
	if err != nil {
		return ledger{}
	}
	return l
}

func (l *ledger) write(dir string) error {
	raw, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return store(filepath.Join(dir, ledgerName), raw)
}

// settle notes that these are done with.
func (l *ledger) settle(all ...waiting) {
	for _, w := range all {
		l.Settled = append(l.Settled, w.ID)
		l.Refused = slices.DeleteFunc(l.Refused, func(id string) bool { return id == w.ID })
	}
	l.Settled = l.Settled[max(0, len(l.Settled)-mostSettled):]
}

// refuse notes that asking again is of no use until something is changed.
func (l *ledger) refuse(all ...waiting) {
	for _, w := range all {
		if !slices.Contains(l.Refused, w.ID) {
			l.Refused = append(l.Refused, w.ID)
		}
	}
}

func (l *ledger) failed(at detect.Time, why string) { l.Error, l.ErrorAt = why, at }
