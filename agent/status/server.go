package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/fault"
	"github.com/gatemend/gatemend/detect/wire"
)

const (
	// askTime bounds the reading of a request: whoever connects must speak.
	askTime = 5 * time.Second
	// answerTime bounds the writing of an answer.
	answerTime = 10 * time.Second
	// mostConnections at a time: a flood must not cost the agent its memory.
	mostConnections = 16
)

// Handler answers one request. Ctx ends when the asker hung up or the server stops.
type Handler func(ctx context.Context, r Request) (any, error)

// Server is a listening control socket.
type Server struct {
	path     string
	listener *net.UnixListener
	handle   Handler
	slots    chan struct{}
	all      sync.WaitGroup
}

// Listen makes the socket, mode 0600, in the place of one that a killed agent left. The caller
// holds the lock that keeps a second agent away.
func Listen(path string, h Handler) (*Server, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("cannot make the runtime directory: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot remove the control socket that was left: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("cannot listen on the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // between the two the credentials are checked all the same
		l.Close()
		return nil, fmt.Errorf("cannot close the control socket to others: %w", err)
	}
	return &Server{path: path, listener: l, handle: h, slots: make(chan struct{}, mostConnections)}, nil
}

// Path is where it listens.
func (s *Server) Path() string { return s.path }

// Serve answers until ctx ends; every answer in flight has ended when it returns.
func (s *Server) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { s.listener.Close() })
	defer stop()
	defer s.all.Wait()
	for {
		fault.Reach("the control socket")
		conn, err := s.listener.AcceptUnix()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("cannot accept on the control socket: %w", err)
		}
		select {
		case s.slots <- struct{}{}:
			s.all.Go(func() { defer func() { <-s.slots }(); s.serve(ctx, conn) })
		default:
			conn.Close()
		}
	}
}

func (s *Server) serve(ctx context.Context, conn *net.UnixConn) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_ = conn.SetReadDeadline(time.Now().Add(askTime))
	var a Answer
	data, err := s.ask(ctx, cancel, conn)
	if err == nil {
		a.Data, err = json.Marshal(data)
	}
	if err != nil {
		a = Answer{Error: err.Error()}
	}
	_ = conn.SetWriteDeadline(time.Now().Add(answerTime))
	_ = writeLine(conn, a) // an asker who hung up gets nothing
}

func (s *Server) ask(ctx context.Context, cancel context.CancelFunc, conn *net.UnixConn) (any, error) {
	uid, err := wire.Peer(conn)
	if err != nil {
		return nil, err
	}
	if uid != 0 && uid != os.Geteuid() {
		return nil, fmt.Errorf("user %d may not ask the agent: ask as root", uid)
	}
	var r Request
	if err := readLine(conn, maxRequest, &r); err != nil {
		return nil, fmt.Errorf("cannot read the request: %w", err)
	}
	r.By = asker(uid, r.By)
	if r.Verb == ping {
		return nil, nil
	}
	_ = conn.SetReadDeadline(time.Time{})
	go hangUp(conn, cancel) // ends with the connection
	return s.handle(ctx, r)
}

// asker is who asks, for the record and for holds. Root may say for whom: who is root could also
// pause and resume in that name.
func asker(uid int, says string) string {
	switch {
	case uid != 0:
		return fmt.Sprintf("uid %d", uid)
	case says == "":
		return "root"
	}
	return detect.Clean(says)
}

// hangUp ends the work for an asker who is gone: nothing more is expected on the connection.
func hangUp(conn net.Conn, cancel context.CancelFunc) {
	var b [1]byte
	_, _ = conn.Read(b[:])
	cancel()
}
