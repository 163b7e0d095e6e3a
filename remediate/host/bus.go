package host

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	systemd "github.com/coreos/go-systemd/v22/dbus"
	"github.com/godbus/dbus/v5"
)

const dialTime = 5 * time.Second

// bus is one connection to systemd for one effect.
type bus struct {
	*systemd.Conn
	lost context.Context // ends with the connection: a job's result never comes then
	end  context.CancelFunc
}

// dial connects. The context that godbus is given is the life of the connection and not a limit
// to dialling, so the limit is kept here.
func dial(ctx context.Context) (*bus, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	life, end := context.WithCancel(context.Background())
	done := make(chan *bus, 1)
	failed := make(chan error, 1)
	go func() {
		b, err := connect(life, end)
		if err != nil {
			failed <- err
			return
		}
		done <- b
	}()
	select {
	case b := <-done:
		return b, nil
	case err := <-failed:
		end()
		return nil, fmt.Errorf("no connection to systemd over the system bus: %w", err)
	case <-ctx.Done():
		end() // also closes what may still be connected
		return nil, fmt.Errorf("no connection to systemd over the system bus: %w", ctx.Err())
	}
}

func connect(life context.Context, end context.CancelFunc) (*bus, error) {
	b := &bus{end: end}
	conn, err := systemd.NewConnection(func() (*dbus.Conn, error) {
		c, err := hello(life)
		if err == nil {
			b.lost = c.Context() // of the last one dialled, which carries the signals
		}
		return c, err
	})
	if err != nil {
		return nil, err
	}
	b.Conn = conn
	// Without a subscriber systemd sends JobRemoved to the caller's connection only, and go-systemd
	// listens on its second one.
	if err := conn.Subscribe(); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

func hello(life context.Context) (*dbus.Conn, error) {
	c, err := dbus.SystemBusPrivate(dbus.WithContext(life))
	if err != nil {
		return nil, err
	}
	if err = c.Auth([]dbus.Auth{dbus.AuthExternal(strconv.Itoa(os.Getuid()))}); err == nil {
		err = c.Hello()
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// Close ends the connection and whatever still waits on it.
func (b *bus) Close() {
	b.Conn.Close()
	b.end()
}
