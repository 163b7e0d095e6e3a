package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"syscall"
	"time"
)

// ErrNoAgent says that no agent runs: nobody listens on the control socket.
var ErrNoAgent = errors.New("no agent is running (systemctl status gatemend)")

// Refused is the agent's own answer that it cannot do what was asked.
type Refused struct{ Why string }

func (r Refused) Error() string { return r.Why }

// Ask sends one request to the agent behind path and reads the answer into v. ctx bounds the
// whole: a heal takes as long as it takes.
func Ask(ctx context.Context, path string, r Request, v any) error {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return ErrNoAgent
	}
	if err != nil {
		return fmt.Errorf("cannot reach the agent: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := writeLine(conn, r); err != nil {
		return fmt.Errorf("cannot ask the agent: %w", err)
	}
	var a Answer
	if err := readLine(conn, maxAnswer, &a); err != nil {
		return fmt.Errorf("cannot read the agent's answer: %w", errors.Join(ctx.Err(), err))
	}
	if a.Error != "" {
		return Refused{a.Error}
	}
	return json.Unmarshal(a.Data, v)
}

// Alive asks whether the server behind path accepts and answers. One that has no slot left closes
// the connection, which is an answer too.
func Alive(ctx context.Context, path string) error {
	var none any
	err := Ask(ctx, path, Request{Verb: ping}, &none)
	if ctx.Err() != nil {
		return fmt.Errorf("it does not answer: %w", ctx.Err())
	}
	if errors.Is(err, ErrNoAgent) {
		return errors.New("nobody listens on it")
	}
	return nil
}
