package status

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// Who accepts is alive, also when every slot is taken; who does not, or is not there, is not.
func TestAlive(t *testing.T) {
	soon := func() context.Context {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		t.Cleanup(cancel)
		return ctx
	}
	path := serve(t, func(ctx context.Context, _ Request) (any, error) { <-ctx.Done(); return nil, nil })
	if err := Alive(soon(), path); err != nil {
		t.Errorf("a server that serves: %v", err)
	}
	for range mostConnections {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := writeLine(conn, Request{Verb: Heal}); err != nil {
			t.Fatal(err)
		}
	}
	if err := Alive(soon(), path); err != nil {
		t.Errorf("a server whose slots are taken: %v", err)
	}
	frozen := filepath.Join(t.TempDir(), "frozen.sock")
	l, err := net.Listen("unix", frozen)
	if err != nil {
		t.Fatal(err)
	}
	if err := Alive(soon(), frozen); err == nil {
		t.Error("a socket that nobody serves is alive")
	}
	l.Close()
	if err := Alive(soon(), frozen); err == nil {
		t.Error("a socket that nobody listens on is alive")
	}
}
