package wire

import "encoding/json"

// Answer is what comes back: data, or why there is none.
type Answer struct {
	Data  json.RawMessage `json:"data,omitempty"`
	Error string          `json:"error,omitempty"`
}

// MaxAnswer bounds an answer: the largest is how nginx is configured, without secrets.
const MaxAnswer = 12 << 20

// Error is an answer's error, at the asker.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }
