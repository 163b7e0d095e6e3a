package hold

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/durable"
)

// record is a hold as its file has it.
type record struct {
	Site   string      `json:"site"` // "" for all
	Owner  string      `json:"owner"`
	Reason string      `json:"reason"`
	Since  detect.Time `json:"since"`
	Until  detect.Time `json:"until"`
	Boot   string      `json:"boot,omitempty"`   // in which it was made
	Uptime detect.Span `json:"uptime,omitempty"` // of that boot, when it ends
}

// prefix of every file that Pause writes.
const prefix = "hold-"

// sizeMax is far above what Pause writes.
const sizeMax = 16 << 10

// clockStep is how far the two clocks may differ before the boot's is believed.
const clockStep = detect.Span(2_000_000)

// read opens without following a link and without blocking, and judges what it opened.
func (d Dir) read(path string) (record, error) {
	f, info, err := durable.Open(path)
	if err != nil {
		return record{}, err
	}
	defer f.Close()
	if err := d.judge(path, info); err != nil {
		return record{}, err
	}
	data, err := io.ReadAll(io.LimitReader(f, sizeMax+1))
	if err != nil {
		return record{}, err
	}
	return parse(data)
}

func parse(data []byte) (record, error) {
	if len(data) > sizeMax {
		return record{}, fmt.Errorf("it is longer than %d bytes", sizeMax)
	}
	var r record
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r); err != nil {
		return record{}, err
	}
	switch {
	case dec.More():
		return record{}, errors.New("something follows the hold")
	case r.Owner == "" || r.Until < 0 || r.Since < 0:
		return record{}, errors.New("it is no hold: owner, since or until is missing or wrong")
	}
	return r, nil
}

// at is the hold as it stands at a moment, and false when it is over. Within the boot in which
// it was made its length is counted by the boot's clock: a step of the wall clock neither ends
// nor lengthens it. Its end is then given by the wall clock as it goes now.
func (r record) at(now moment) (policy.Hold, bool) {
	h := policy.Hold{Site: detect.Clean(r.Site), Owner: detect.Clean(r.Owner), Reason: detect.Clean(r.Reason), Since: r.Since, Until: r.Until}
	if r.Until == 0 {
		return h, true // written by hand: until it is resumed
	}
	if r.Boot != "" && r.Boot == now.boot {
		left := r.Uptime - now.uptime
		if drift := r.Until.Sub(now.at) - left; drift > clockStep || drift < -clockStep {
			h.Until = now.at.Add(left)
		}
		return h, left > 0
	}
	return h, r.Until > now.at
}

// name of the file: the same person's same reason for the same site is one hold, renewed.
func (r record) name() string {
	sum := sha256.Sum256([]byte(r.Site + "\x00" + r.Owner + "\x00" + r.Reason))
	return prefix + hex.EncodeToString(sum[:8]) + ".json"
}
