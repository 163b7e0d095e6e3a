package wire

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// speakTime is how long who connects has to send the line. The asker sends it at once.
	speakTime = time.Second
	// writeTime bounds the sending of an answer to who does not read it.
	writeTime = 5 * time.Second
	// mostConnections at a time, on one socket.
	mostConnections = 64
)

// Handler answers one line, of that user. The descriptor is closed after it was sent.
type Handler func(ctx context.Context, uid int, words []string) (data any, pass *os.File, err error)

// Server answers on one socket.
type Server struct {
	Handle Handler
	May    func(uid int) bool // who may ask
	AtOnce int                // how many lines are worked on at the same time; the next ones wait
	Within time.Duration      // the longest that one may take
}

// Serve answers until ctx ends; every answer in flight has ended when it returns. The
// listener stays open: it is systemd's, who starts us again for what came meanwhile. Who
// connects while too many do waits in the kernel's queue, first come, first served.
func (s Server) Serve(ctx context.Context, l *net.UnixListener, a *Activity) error {
	stop := context.AfterFunc(ctx, func() { _ = l.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	var all sync.WaitGroup
	defer all.Wait()
	slots, room, waiting := make(chan struct{}, max(s.AtOnce, 1)), make(chan struct{}, mostConnections), newSilent()
	for {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		conn, err := l.AcceptUnix()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("cannot accept: %w", err)
		}
		waiting.add(conn)
		done := a.begin()
		all.Go(func() {
			defer func() { conn.Close(); done(); <-room }()
			s.serve(context.WithoutCancel(ctx), conn, waiting, slots)
		})
	}
}

func (s Server) serve(ctx context.Context, conn *net.UnixConn, waiting *silent, slots chan struct{}) {
	uid, words, err := s.listen(conn)
	waiting.remove(conn)
	if words == nil && err == nil {
		return // it hung up, or was dropped
	}
	ctx, cancel := context.WithTimeout(ctx, s.Within)
	defer cancel()
	var a Answer
	var pass *os.File
	if err == nil {
		select {
		case slots <- struct{}{}:
			a.Data, pass, err = s.answer(ctx, uid, words)
			<-slots
		case <-ctx.Done():
			err = errors.New("the root helper is busy")
		}
	}
	if err != nil {
		a = Answer{Error: err.Error()}
	}
	_ = conn.SetWriteDeadline(time.Now().Add(writeTime))
	send(conn, a, pass)
}

// listen reads the line of someone who may ask.
func (s Server) listen(conn *net.UnixConn) (uid int, words []string, err error) {
	if uid, err = Peer(conn); err != nil {
		return uid, nil, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(speakTime))
	line, err := bufio.NewReaderSize(io.LimitReader(conn, MaxLine+1), MaxLine+1).ReadString('\n')
	if err != nil && len(line) <= MaxLine {
		return uid, nil, nil
	}
	if !s.May(uid) { // only now: an answer is lost where the line was not read
		return uid, nil, fmt.Errorf("user %d may not ask the root helper", uid)
	}
	if words, err = Words(strings.TrimSuffix(line, "\n")); err != nil {
		return uid, nil, fmt.Errorf("cannot read the request: %w", err)
	}
	return uid, words, nil
}

func (s Server) answer(ctx context.Context, uid int, words []string) (json.RawMessage, *os.File, error) {
	data, pass, err := s.Handle(ctx, uid, words)
	if err != nil {
		return nil, pass, err
	}
	text, err := json.Marshal(data)
	if err == nil && len(text) > MaxAnswer-1024 {
		err = fmt.Errorf("the answer is longer than %d bytes", MaxAnswer)
	}
	return text, pass, err
}

// send writes the answer, the descriptor with its first bytes.
func send(conn *net.UnixConn, a Answer, pass *os.File) {
	var rights []byte
	if pass != nil {
		defer pass.Close()
		rights = unix.UnixRights(int(pass.Fd()))
	}
	text, err := json.Marshal(a)
	if err != nil {
		return
	}
	n, _, err := conn.WriteMsgUnix(text, rights, nil)
	if err == nil && n < len(text) {
		_, _ = conn.Write(text[n:])
	}
}
