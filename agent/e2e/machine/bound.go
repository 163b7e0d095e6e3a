package machine

import (
	"os/exec"
	"runtime"
)

// child is a process that lives no longer than this one.
type child struct {
	cmd  *exec.Cmd
	gone chan struct{} // closed when it has ended; err is set before
	err  error
}

// startBound starts cmd so that the kernel kills it when we die, and returns once it runs. cmd needs
// Pdeathsig set, as by ownNamespaces.
//
// Pdeathsig is sent when the *thread* that forked ends, and Go ends threads as it likes
// (golang.org/issue/27505). So a goroutine keeps its thread to itself until the child is gone.
func startBound(cmd *exec.Cmd) (*child, error) {
	c := &child{cmd: cmd, gone: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.gone)
		}
	}()
	return c, <-started
}

// wait returns how the child ended.
func (c *child) wait() error {
	<-c.gone
	return c.err
}

// kill ends the child, and with it the namespaces of which it is PID 1.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // an error means that it has ended already
	<-c.gone
}
