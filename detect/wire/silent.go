package wire

import (
	"net"
	"sync"
	"time"
)

const (
	// mostSilent connections have not said their line yet; the oldest makes room for the next.
	mostSilent = 16
	// patience is what a connection gets before it may be dropped: an asker speaks at once, but
	// on a loaded host "at once" takes its time.
	patience = 100 * time.Millisecond
)

// silent are the connections that have not said their line yet, oldest first.
type silent struct {
	room chan struct{}
	mu   sync.Mutex
	all  []newcomer
}

type newcomer struct {
	conn *net.UnixConn
	at   time.Time
}

func newSilent() *silent { return &silent{room: make(chan struct{}, mostSilent)} }

// add waits for room, and makes some by dropping the oldest once it had its time.
func (s *silent) add(c *net.UnixConn) {
	for {
		t := time.NewTimer(s.dropLate())
		select {
		case s.room <- struct{}{}:
			t.Stop()
			s.mu.Lock()
			defer s.mu.Unlock()
			s.all = append(s.all, newcomer{c, time.Now()})
			return
		case <-t.C:
		}
	}
}

// dropLate drops the oldest where all places are taken and its time is over, and says when to look again.
func (s *silent) dropLate() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) < mostSilent {
		return patience
	}
	if left := patience - time.Since(s.all[0].at); left > 0 {
		return left
	}
	_ = s.all[0].conn.Close() // whoever reads from it finds out, and removes it
	s.all[0].at = time.Now()
	return patience
}

func (s *silent) remove(c *net.UnixConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, o := range s.all {
		if o.conn == c {
			s.all = append(s.all[:i:i], s.all[i+1:]...)
			<-s.room
			return
		}
	}
}
