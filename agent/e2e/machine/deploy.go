package machine

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gatemend/gatemend/examples"
)

// Kind is one of the three ways in which the demo's gunicorn listens. The names are those of the
// directories in examples/demo.
type Kind string

// How gunicorn gets its listening socket decides what can break and what mends it, so that every
// scenario runs on each of them.
const (
	Unix      Kind = "unix"      // gunicorn binds /run/shop/shop.sock itself
	TCP       Kind = "tcp"       // gunicorn binds 127.0.0.1:8000
	Activated Kind = "activated" // systemd binds /run/shop.sock and hands it over (shop.socket)
)

// Kinds is every deployment, for tests that walk through all of them.
var Kinds = []Kind{Unix, TCP, Activated}

// URL is the demo's public address, as a client inside the machine asks for it.
const URL = "http://shop.example.com/"

// deployTimeout covers the import of Flask on a machine that shares two cores with three others.
const deployTimeout = 60 * time.Second

// Deploy installs the demo deployment from examples/demo the way its files say, starts it, and returns
// when a client gets 200 through nginx.
func (m *Machine) Deploy(ctx context.Context, k Kind) error {
	if err := m.install(ctx, k); err != nil {
		return fmt.Errorf("cannot install the %s deployment: %w", k, err)
	}
	if _, err := m.Shell(ctx, enable(k)); err != nil {
		return fmt.Errorf("cannot start the %s deployment: %w", k, err)
	}
	ctx, cancel := context.WithTimeout(ctx, deployTimeout)
	defer cancel()
	if err := m.Serves(ctx, URL); err != nil {
		return fmt.Errorf("cannot get an answer from the %s deployment: %w", k, err)
	}
	return nil
}

func (m *Machine) install(ctx context.Context, k Kind) error {
	files, err := examples.Deployment(string(k))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := m.Write(ctx, f.Path, f.Mode, f.Content); err != nil {
			return err
		}
	}
	return nil
}

// enable starts what nginx's first request needs: the socket where systemd holds it, else the service.
func enable(k Kind) string {
	unit := "shop.service"
	if k == Activated {
		unit = "shop.socket"
	}
	return `systemd-sysusers
ln -sf ../sites-available/shop /etc/nginx/sites-enabled/shop
systemctl daemon-reload
systemctl enable --quiet --now ` + unit + `
nginx -t -q
systemctl reload nginx`
}

// Serves waits until url answers 200 to a client in the machine, or ctx ends.
func (m *Machine) Serves(ctx context.Context, url string) error {
	client := m.HTTPClient()
	return poll(ctx, 20*time.Millisecond, func() error {
		status, err := get(ctx, client, url)
		if err == nil && status != http.StatusOK {
			err = fmt.Errorf("%s answered %d", url, status)
		}
		return err
	})
}
