package cli

import (
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"syscall"

	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect/look"
)

// closed names the files that the agent's own user could not read at its next start: the configuration,
// and the files that it names. Where an agent runs as root there are none.
func (w *world) closed() (notes []string) {
	uid := uidOf(agentUser)
	if !w.root || uid <= 0 || !exists(look.LookSocket) {
		return nil
	}
	groups, cfg := groupsOf(agentUser, logGroups...), w.cfg.Load()
	for _, path := range append([]string{cfg.Path}, urlFiles(cfg.Notify)...) {
		if info, err := os.Stat(path); err == nil && !readable(info, uid, groups) {
			notes = append(notes, fmt.Sprintf("%s is closed to user %s, whom the agent runs as: chgrp %[2]s %[1]s && chmod g+r %[1]s", path, agentUser))
		}
	}
	return notes
}

func urlFiles(all []config.Notify) (files []string) {
	for _, n := range all {
		if file := n.Address().File; file != "" {
			files = append(files, file)
		}
	}
	return files
}

// readable goes by the mode: access lists are not looked at.
func readable(info os.FileInfo, uid int, groups []int) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return true
	}
	switch {
	case int(st.Uid) == uid:
		return st.Mode&0o400 != 0
	case slices.Contains(groups, int(st.Gid)):
		return st.Mode&0o040 != 0
	}
	return st.Mode&0o004 != 0
}

// groupsOf are a user's main group and those groups, as far as they exist.
func groupsOf(name string, more ...string) (ids []int) {
	if u, err := user.Lookup(name); err == nil {
		if n, err := strconv.Atoi(u.Gid); err == nil {
			ids = append(ids, n)
		}
	}
	for _, m := range more {
		if g, err := user.LookupGroup(m); err == nil {
			if n, err := strconv.Atoi(g.Gid); err == nil {
				ids = append(ids, n)
			}
		}
	}
	return ids
}
