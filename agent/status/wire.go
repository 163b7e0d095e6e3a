package status

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/gatemend/gatemend/detect"
)

// Verb is what may be asked.
type Verb string

// The verbs.
const (
	Status  Verb = "status"  // what the agent sees now
	Heal    Verb = "heal"    // a person asks: diagnose, act, verify, report
	Plan    Verb = "plan"    // what heal would do now
	Approve Verb = "approve" // a person releases what waits for one
	Resume  Verb = "resume"  // a person is about to lift holds: for the record
	Resend  Verb = "resend"  // try the messages that have not arrived
	ping    Verb = "ping"    // the agent asks itself: see [Alive]
)

// Request is one question.
type Request struct {
	Verb Verb        `json:"verb"`
	Site string      `json:"site,omitempty"` // "" means all
	Plan string      `json:"plan,omitempty"` // heal, approve: the ID of the one plan that is meant
	For  detect.Span `json:"for,omitempty"`  // approve: how long the word stands
	By   string      `json:"by,omitempty"`   // for whom root asks (who ran sudo); of others the server sets it from the peer's credentials
}

// Answer is the reply: Data, or why there is none.
type Answer struct {
	Data  json.RawMessage `json:"data,omitempty"`
	Error string          `json:"error,omitempty"`
}

// A request is short; an answer holds every site with its open incident.
const (
	maxRequest = 4 << 10
	maxAnswer  = 16 << 20
)

// readLine reads one line of at most max bytes into v.
func readLine(r io.Reader, max int64, v any) error {
	line, err := bufio.NewReader(io.LimitReader(r, max+1)).ReadBytes('\n')
	switch {
	case int64(len(line)) > max:
		return fmt.Errorf("longer than %d bytes", max)
	case errors.Is(err, io.EOF) && len(line) == 0:
		return errors.New("nothing was said")
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	return json.Unmarshal(line, v)
}

func writeLine(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}
