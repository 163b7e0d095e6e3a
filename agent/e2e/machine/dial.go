package machine

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Dial connects from inside the machine's network, so that code of the host can be the client and time
// it exactly. As the machine is alone on its network, every host name means 127.0.0.1. A unix socket is
// found by its path in the machine.
func (m *Machine) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var d net.Dialer
	if network == "unix" {
		return d.DialContext(ctx, network, fmt.Sprintf("/proc/%d/root%s", m.PID(), addr))
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("cannot dial %q in the machine: %w", addr, err)
	}
	if net.ParseIP(host) == nil {
		addr = net.JoinHostPort("127.0.0.1", port)
	}
	return m.dialInside(ctx, network, addr)
}

// dialInside makes the socket on a thread that has moved to the machine's network. A socket belongs to
// the network it was made in for good, so that the thread can go back once it is connected.
func (m *Machine) dialInside(ctx context.Context, network, addr string) (net.Conn, error) {
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, fmt.Errorf("cannot find this thread's network: %w", err)
	}
	defer home.Close()
	away, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", m.PID()))
	if err != nil {
		return nil, fmt.Errorf("cannot find the machine's network: %w", err)
	}
	defer away.Close()

	runtime.LockOSThread()
	if err := unix.Setns(int(away.Fd()), unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("cannot enter the machine's network: %w", err)
	}
	// A single address: with several the dialer would race them on other threads, outside.
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back == nil {
		runtime.UnlockOSThread() // else the thread stays locked, and ends with this goroutine
	}
	return conn, err
}

// clientTimeout is longer than any answer that a test waits for, and shorter than a test's patience.
const clientTimeout = 30 * time.Second

// HTTPClient is a client inside the machine: http://shop.example.com/ asks its nginx. It makes a new
// connection for each request, as strangers do, and shows redirects rather than following them.
// Certificates are not verified: the machine signs its own.
func (m *Machine) HTTPClient() *http.Client {
	return &http.Client{
		Timeout: clientTimeout,
		Transport: &http.Transport{
			DialContext:       m.Dial,
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // see above
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
