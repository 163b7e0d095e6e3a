package cli

import (
	"context"
	"fmt"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/discover"
	"github.com/gatemend/gatemend/detect/look"
	"github.com/gatemend/gatemend/detect/nginxconf"
	"github.com/gatemend/gatemend/detect/sock"
	"github.com/gatemend/gatemend/detect/unit"
)

// sources is what init looks at: nginx's configuration, who listens, and systemd's units.
func sources(ctx context.Context) (discover.Sources, func(), error) {
	bus, err := unit.Dial(ctx)
	if err != nil {
		return discover.Sources{}, nil, err
	}
	conf, err := nginxConf(ctx, look.NewLocal(func() []detect.Site { return nil }, bus, look.Options{}))
	if err != nil {
		bus.Close()
		return discover.Sources{}, nil, err
	}
	return discover.Sources{Conf: conf, Sockets: everySocket{}, Units: bus}, func() { bus.Close() }, nil
}

// nginxConf is what nginx itself would load; where it refuses its configuration, the files.
func nginxConf(ctx context.Context, looker look.Looker) (*nginxconf.Conf, error) {
	conf, err := looker.NginxConf(ctx)
	if conf != nil {
		return conf, nil
	}
	conf, fileErr := nginxconf.ParseTree("/", nginxconf.Debian.Conf)
	if fileErr != nil {
		return nil, fmt.Errorf("cannot read nginx's configuration: %w; is nginx installed?", err)
	}
	return conf, nil
}

// everySocket is discover's view of who listens.
type everySocket struct{}

// Listening is discover.Sockets.
func (everySocket) Listening(context.Context) ([]detect.Listener, error) {
	found, err := sock.All()
	var l []detect.Listener
	for _, f := range found {
		l = append(l, f.Listener)
	}
	return l, err
}
