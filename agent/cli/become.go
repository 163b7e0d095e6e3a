package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/gatemend/gatemend/detect/look"
)

// logGroups are what the agent's unit adds by SupplementaryGroups=.
var logGroups = []string{"adm", "systemd-journal"}

// become turns root into the agent's user where the state is that user's: root does not write, and
// follows no link, in a directory of somebody who may have been taken over; and what `sudo gatemend
// heal` leaves is the agent's to go on with. What only root may do, the helper is asked for.
//
// Without the helper's sockets (an agent that runs as root) root stays root.
func (o *options) become(dirs ...string) error {
	if os.Geteuid() != 0 || o.state != stateDir {
		return nil
	}
	uid := uidOf(agentUser)
	if uid <= 0 {
		return nil
	}
	installed := exists(look.LookSocket)
	owner, err := ownerOf(o.state)
	switch {
	case errors.Is(err, fs.ErrNotExist) && installed:
		owner = uid
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	if owner != uid {
		return nil
	}
	if !installed {
		return fmt.Errorf("%s belongs to user %s, whose root helper does not listen: systemctl start gatemend-look.socket gatemend-act.socket", o.state, agentUser)
	}
	for _, dir := range append(dirs, o.state) {
		if err := makeFor(dir, uid); err != nil {
			return err
		}
	}
	return stepDown(uid)
}

// makeFor makes a directory of the agent's, where it is missing.
func makeFor(dir string, uid int) error {
	if err := os.Mkdir(dir, 0o700); errors.Is(err, fs.ErrExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("cannot make %q: %w", dir, err)
	}
	return os.Chown(dir, uid, -1)
}

// stepDown is for good, and for every thread of the process.
func stepDown(uid int) error {
	groups := groupsOf(agentUser, logGroups...)
	if len(groups) == 0 {
		return fmt.Errorf("cannot become user %s: its group is not known", agentUser)
	}
	if err := errors.Join(syscall.Setgroups(groups), syscall.Setgid(groups[0]), syscall.Setuid(uid)); err != nil {
		return fmt.Errorf("cannot become user %s: %w", agentUser, err)
	}
	return nil
}

func ownerOf(path string) (int, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid), nil
	}
	return 0, fmt.Errorf("whose %q is cannot be told", path)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
