package unit

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/godbus/dbus/v5"
)

// subscription is one connection that hears of some units.
type subscription struct {
	bus     *Bus
	signals chan *dbus.Signal
	paths   map[dbus.ObjectPath]string
}

// subscribe makes a connection and asks for signals, in the order that leaves no gap: channel, match
// rules, Manager.Subscribe. The sequential handler keeps order; godbus' default one starts a goroutine
// for each signal once a channel is full.
func subscribe(ctx context.Context, names []string) (*subscription, error) {
	conn, err := dial(ctx, dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		return nil, err
	}
	s := &subscription{bus: once(conn), signals: make(chan *dbus.Signal, 64), paths: map[dbus.ObjectPath]string{}}
	conn.Signal(s.signals)
	for _, name := range names {
		if err = s.match(ctx, name); err != nil {
			break
		}
	}
	if err == nil {
		err = s.bus.call(ctx, managerPath, manager+".Subscribe", nil)
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("cannot subscribe to systemd's signals: %w", err)
	}
	return s, nil
}

// once is a Bus for the life of one connection: another one would not hear the signals.
func once(conn *dbus.Conn) *Bus {
	return &Bus{conn: conn, redial: func(context.Context) (*dbus.Conn, error) { return nil, errLost }}
}

func (s *subscription) match(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	path := pathOf(name)
	s.paths[path] = name
	return s.bus.conn.AddMatchSignalContext(ctx,
		dbus.WithMatchSender(service),
		dbus.WithMatchObjectPath(path),
		dbus.WithMatchInterface("org.freedesktop.DBus.Properties"),
		dbus.WithMatchMember("PropertiesChanged"))
}

// close ends the connection for good: its bus must not dial again.
func (s *subscription) close() { _ = s.bus.Close() }

// state is what a change of is worth a look.
type state struct {
	active, sub, result string
	mainPID, restarts   int
	job                 uint32
}

func (s *subscription) state(ctx context.Context, name string) (state, error) {
	p, err := s.bus.properties(ctx, name, "Unit")
	if err != nil {
		return state{}, err
	}
	now := state{active: p.text("ActiveState"), sub: p.text("SubState"), job: jobID(p)}
	kind := map[bool]string{true: "Socket", false: "Service"}[strings.HasSuffix(name, ".socket")]
	own, err := s.bus.properties(ctx, name, kind)
	if err != nil {
		return state{}, err
	}
	var u detect.Unit
	readService(&u, own)
	now.result, now.mainPID, now.restarts = u.Result, u.MainPID, u.Restarts
	return now, nil
}

func (s state) String() string {
	text := s.active + "/" + s.sub
	if s.result != "" && s.result != "success" {
		text += " (" + s.result + ")"
	}
	if s.mainPID > 0 {
		text += fmt.Sprintf(" pid %d", s.mainPID)
	}
	if s.job != 0 {
		text += fmt.Sprintf(" job %d", s.job)
	}
	return text
}
