package machine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Options say what machine is wanted. The zero value is a Debian 12 with nginx running and no site.
type Options struct {
	Suite  Suite  // Bookworm if empty
	Deploy Kind   // the demo deployment to install; none if empty
	Disk   string // size of the root file system in tmpfs words ("64m"), for tests that fill it; 512m if empty
	Files  []File // written after boot, before Deploy
}

// Machine is a running Debian. Its methods may be called from several goroutines.
type Machine struct {
	name    string
	dir     string
	groups  []string     // control groups, version 2 first
	lock    *os.File     // held as long as the machine lives: see reap
	image   *os.File     // keeps the image from being removed
	console *tail        // what nspawn and PID 1 printed
	init    atomic.Int64 // the machine's PID 1 as the host numbers it
	launch  *child
	stop    sync.Once
	stopErr error
}

// bootTimeout is generous: four machines at once boot on two cores while something compiles.
const bootTimeout = 60 * time.Second

// Boot starts a machine and returns when systemd has finished booting and everything in o is in place.
// The caller must call [Machine.Stop]. Tests use [Start] instead.
func Boot(ctx context.Context, o Options) (*Machine, error) {
	if o.Suite == "" {
		o.Suite = Bookworm
	}
	if o.Disk == "" {
		o.Disk = "512m"
	}
	image, use, err := useImage(ctx, o.Suite)
	if err != nil {
		return nil, err
	}
	m := &Machine{name: newName(), image: use, console: &tail{}}
	m.dir = filepath.Join(stateDir, m.name)
	if err := m.start(ctx, image, o); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot boot machine %s: %w; console: %s", m.name, err, m.console), m.Stop())
	}
	return m, nil
}

// newName is short, as nspawn allows 64 characters, and never used twice.
func newName() string {
	var id [4]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand
	return groupPrefix + hex.EncodeToString(id[:])
}

func (m *Machine) start(ctx context.Context, image string, o Options) error {
	if err := m.reserve(ctx); err != nil {
		return err
	}
	if err := m.launchFrom(image, o.Disk); err != nil {
		return err
	}
	bootCtx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	if err := m.ready(bootCtx, 0); err != nil {
		return err
	}
	return m.furnish(ctx, o)
}

// reserve takes the machine's lock first: what is made after it is found by a reaper if we are killed.
// One process reserves or reaps at a time, or a reaper would take a lock between its making and its taking.
func (m *Machine) reserve(ctx context.Context) (err error) {
	if err := os.MkdirAll(stateDir, 0o755); err != nil {
		return fmt.Errorf("cannot create the state directory: %w", err)
	}
	turn, err := lock(ctx, filepath.Join(stateDir, "turn"), unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer turn.Close()
	reap(ctx)
	if m.lock, err = tryLock(m.dir+".lock", unix.LOCK_EX); err != nil {
		return err
	}
	if err := os.Mkdir(m.dir, 0o755); err != nil {
		return fmt.Errorf("cannot create the mount point: %w", err)
	}
	m.groups, err = makeGroups(m.name)
	return err
}

func (m *Machine) launchFrom(image, disk string) error {
	args := append([]string{"-c", launchScript, "launch", m.name, image, m.dir, disk}, m.groups...)
	cmd := exec.Command("sh", args...)
	cmd.Stdout, cmd.Stderr = m.console, m.console
	cmd.SysProcAttr = ownNamespaces()
	launch, err := startBound(cmd)
	if err != nil {
		return fmt.Errorf("cannot start the launcher: %w", err)
	}
	m.launch = launch
	return nil
}

// furnish brings the machine from booted to wanted.
func (m *Machine) furnish(ctx context.Context, o Options) error {
	for _, f := range o.Files {
		if err := m.Write(ctx, f.Path, f.Mode, f.Content); err != nil {
			return err
		}
	}
	if o.Deploy == "" {
		return nil
	}
	return m.Deploy(ctx, o.Deploy)
}

// Name identifies the machine on this host. Inside it is called "web".
func (m *Machine) Name() string { return m.name }

// PID is the machine's PID 1 as the host numbers it, so that its name spaces and its view of the file
// system can be found in the host's /proc.
func (m *Machine) PID() int { return int(m.init.Load()) }

// Stop ends the machine and removes every trace of it from the host. It is safe to call twice.
// Nothing is shut down in order: nothing in the machine is worth keeping.
func (m *Machine) Stop() error {
	m.stop.Do(func() { m.stopErr = m.destroy() })
	return m.stopErr
}

func (m *Machine) destroy() error {
	if m.launch != nil {
		m.launch.kill()
	}
	if m.lock == nil {
		return m.image.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := sweep(ctx, m.name)
	if err != nil {
		err = fmt.Errorf("cannot remove what machine %s left (the next boot will try again): %w", m.name, err)
	}
	return errors.Join(err, m.lock.Close(), m.image.Close())
}
