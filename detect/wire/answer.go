package wire

import "encoding/json"

// Answer is what comes back: data, or why there is none.
type Answer struct {
	Data  json.RawMessage `json:"data,omitempty"`
	Error string          `json:"error,omitempty"`
	// Code lets the asker tell errors apart that mean different things to it; "" for all others.
	Code string `json:"code,omitempty"`
}

// MaxAnswer bounds an answer: the largest is how nginx is configured, without secrets.
const MaxAnswer = 12 << 20

// Coded is an error with a code for the asker.
type Coded interface {
	error
	Code() string
}

// Error is an answer's error, at the asker.
type Error struct{ Text, Kind string }

func (e *Error) Error() string { return e.Text }

// Code is Coded.
func (e *Error) Code() string { return e.Kind }
