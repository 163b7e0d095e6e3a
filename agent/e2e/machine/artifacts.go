package machine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// evidence is what one wants to read after a failed test, by the name it is saved under.
var evidence = []struct{ file, script string }{
	{"journal.txt", "journalctl --no-pager -o short-precise"},
	{"units.txt", "systemctl list-units --all --no-pager; systemctl status --no-pager --failed"},
	{"processes.txt", "ps -eo pid,ppid,user,stat,lstart,cgroup:60,args"},
	{"sockets.txt", "ss -lnxtp; ls -la /run /run/shop"},
	{"nginx-error.log", "cat /var/log/nginx/error.log"},
	{"nginx-access.log", "cat /var/log/nginx/access.log"},
	{"nginx.conf", "nginx -T"},
	{"gatemend.tar", "tar -C / -cf - --ignore-failed-read var/lib/gatemend etc/gatemend"},
}

// SaveLogs writes what the machine can tell about itself to a directory of the host: its journal, nginx's
// logs and configuration, processes, and the agent's state with its audit log.
func (m *Machine) SaveLogs(ctx context.Context, dir string) error {
	dir = filepath.Join(dir, m.name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot save the machine's logs: %w", err)
	}
	errs := []error{os.WriteFile(filepath.Join(dir, "console.txt"), []byte(m.console.String()), 0o644)}
	for _, e := range evidence {
		out, err := m.Run(ctx, "sh", "-c", e.script+" 2>&1") // half of an answer is better than none
		if out == "" && err != nil {
			out = err.Error()
		}
		errs = append(errs, os.WriteFile(filepath.Join(dir, e.file), []byte(out), 0o644))
	}
	return errors.Join(errs...)
}
