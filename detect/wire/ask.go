package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ErrAbsent tells that nobody answers on the socket: the helper is not installed, or is gone.
var ErrAbsent = errors.New("the root helper does not answer: is gatemend-look.socket active?")

// connectTime is for getting through to systemd's listening socket, whose queue may be full.
const connectTime = 5 * time.Second

// Ask sends a line to the socket at path, reads the answer into v, and gives the descriptor
// that came with it, nil when none did. The context bounds all of it.
func Ask(ctx context.Context, path, line string, v any) (*os.File, error) {
	if len(line) > MaxLine {
		return nil, fmt.Errorf("the request is longer than %d bytes", MaxLine)
	}
	conn, err := connect(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("%w (%v)", ErrAbsent, err) // its errno must not be taken for the upstream's
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		return nil, fmt.Errorf("cannot ask the root helper: %w", cause(ctx, err))
	}
	data, file, err := receive(conn)
	if err == nil {
		err = decode(data, v)
	} else {
		err = fmt.Errorf("cannot read the root helper's answer: %w", cause(ctx, err))
	}
	if err != nil && file != nil {
		_ = file.Close()
		file = nil
	}
	return file, err
}

// connect waits where the queue of the socket is full: a flood passes.
func connect(ctx context.Context, path string) (*net.UnixConn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if err == nil {
			return conn.(*net.UnixConn), nil
		}
		if !errors.Is(err, unix.EAGAIN) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// cause says that time was up where that is why.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func decode(data []byte, v any) error {
	var a Answer
	if err := json.Unmarshal(data, &a); err != nil {
		return fmt.Errorf("cannot read the root helper's answer: %w", err)
	}
	if a.Error != "" {
		return &Error{a.Error}
	}
	if v == nil || len(a.Data) == 0 {
		return nil
	}
	if err := json.Unmarshal(a.Data, v); err != nil {
		return fmt.Errorf("cannot read the root helper's answer: %w", err)
	}
	return nil
}

// receive reads to the end. A descriptor comes with the first byte (unix(7)).
func receive(conn *net.UnixConn) ([]byte, *os.File, error) {
	first, oob := make([]byte, 64<<10), make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := conn.ReadMsgUnix(first, oob)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	file, err := descriptor(oob[:oobn])
	if err != nil {
		return nil, nil, err
	}
	rest, err := io.ReadAll(io.LimitReader(conn, MaxAnswer+1-int64(n)))
	if err == nil && n+len(rest) > MaxAnswer {
		err = fmt.Errorf("it is longer than %d bytes", MaxAnswer)
	}
	return append(first[:n:n], rest...), file, err
}

func descriptor(oob []byte) (*os.File, error) {
	if len(oob) == 0 {
		return nil, nil
	}
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return nil, err
	}
	var file *os.File
	for _, m := range messages {
		fds, err := unix.ParseUnixRights(&m)
		if err != nil {
			continue
		}
		for _, fd := range fds {
			if file != nil {
				_ = unix.Close(fd)
				continue
			}
			unix.CloseOnExec(fd)
			file = os.NewFile(uintptr(fd), "from the root helper")
		}
	}
	return file, nil
}
