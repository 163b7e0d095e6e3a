package unit

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	sd "github.com/coreos/go-systemd/v22/dbus"
	"github.com/godbus/dbus/v5"
)

const (
	service     = "org.freedesktop.systemd1"
	managerPath = dbus.ObjectPath("/org/freedesktop/systemd1")
	manager     = service + ".Manager"
	getAll      = "org.freedesktop.DBus.Properties.GetAll"
)

// callTimeout bounds a call whose context does not: 0.2 to 3.5 ms is usual, 150 ms while PID 1 reloads.
const callTimeout = 5 * time.Second

// Bus asks systemd. It connects again by itself after the bus was gone. Safe for concurrent use.
type Bus struct {
	mu     sync.Mutex
	conn   *dbus.Conn
	closed bool
	redial func(context.Context) (*dbus.Conn, error)
}

var errClosed = errors.New("the connection was closed")

// New makes a Bus that connects when it is asked, and errs then where it cannot.
func New() *Bus {
	return &Bus{redial: func(ctx context.Context) (*dbus.Conn, error) { return dial(ctx) }}
}

// Dial connects to the system bus; ctx bounds the dialling, not the connection's life.
func Dial(ctx context.Context) (*Bus, error) {
	b := New()
	if _, err := b.connection(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// Close ends the connection, and every call in flight with an error.
func (b *Bus) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.conn == nil {
		return nil
	}
	return b.conn.Close()
}

func (b *Bus) connection(ctx context.Context) (*dbus.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, errClosed
	}
	if b.conn != nil && b.conn.Connected() {
		return b.conn, nil
	}
	conn, err := b.redial(ctx)
	if err != nil {
		return nil, err
	}
	b.conn = conn
	return conn, nil
}

// dial connects in a goroutine of its own: the context that godbus takes is the connection's life, so
// it cannot bound the dialling. A connection that comes too late is closed.
func dial(ctx context.Context, opts ...dbus.ConnOption) (*dbus.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	type result struct {
		conn *dbus.Conn
		err  error
	}
	done := make(chan result)
	go func() {
		conn, err := dbus.ConnectSystemBus(opts...)
		select {
		case done <- result{conn, err}:
		case <-ctx.Done():
			if err == nil {
				_ = conn.Close()
			}
		}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("cannot reach systemd over the system bus: %w; is this machine booted by systemd, and dbus running?", r.err)
		}
		return r.conn, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("cannot reach systemd over the system bus: %w", ctx.Err())
	}
}

// call asks one question, twice where the bus went away in between.
func (b *Bus) call(ctx context.Context, path dbus.ObjectPath, method string, args []any, answer ...any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for again := true; ; again = false {
		conn, err := b.connection(ctx)
		if err != nil {
			return err
		}
		err = conn.Object(service, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...).Store(answer...)
		if again && errors.Is(err, dbus.ErrClosed) {
			continue
		}
		return err
	}
}

// pathOf is where systemd shows a unit. Asking there loads a unit that is not loaded, so that a unit
// that does not exist is answered with LoadState=not-found, not with an error.
func pathOf(name string) dbus.ObjectPath {
	return managerPath + "/unit/" + dbus.ObjectPath(sd.PathBusEscape(name))
}
