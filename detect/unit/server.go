package unit

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/gunicorn"
)

// readServer fills what the unit's command and files tell of the WSGI server in it.
func (b *Bus) readServer(ctx context.Context, u *detect.Unit, p properties) {
	argv := execStart(p)
	env := readEnvironment(p)
	told := gunicorn.Read(gunicorn.Service{
		Argv: argv, Dir: u.Directory(), Env: env.get, EnvUnknown: env.unknown,
		Listens: b.listensOf(ctx, u.TriggeredBy),
	}, readFile)

	u.Argv = detect.CleanArgs(argv)
	u.Environ = env.names()
	u.WSGI = told.Server
	u.WSGIMain = told.Server != "" && told.Direct
	if cmdline, err := readFile("/proc/" + strconv.Itoa(u.MainPID) + "/cmdline"); err == nil && len(cmdline) > 0 {
		u.WSGIMain = told.Server != "" && runs(string(cmdline), told.Server)
	}
	u.App = detect.Clean(told.App)
	u.ConfigFile = told.ConfigFile
	u.Binds = told.Binds
	u.BindSource = told.BindSource
	u.TimeoutApp = told.Timeout
	u.WorkerClass = told.WorkerClass
	if told.Umask >= 0 && told.Server == "gunicorn" {
		u.BindMode = 0o777 &^ told.Umask
	}
	u.LogFiles = append(told.LogFiles, outputFiles(p, append([]string{u.Fragment}, u.DropIns...))...)
	slices.Sort(u.LogFiles)
	u.LogFiles = slices.Compact(u.LogFiles)
}

// runs tells whether a process's command line is the server's own: its program or script, or the
// title that setproctitle gives a master.
func runs(cmdline, server string) bool {
	if strings.HasPrefix(cmdline, server+": master") {
		return true
	}
	words := strings.Split(strings.TrimRight(cmdline, "\x00"), "\x00")
	for i, w := range words[:min(len(words), 8)] {
		base := path.Base(w)
		if base == server || base == server+"3" || i > 0 && words[i-1] == "-m" && strings.HasPrefix(w, server) {
			return true
		}
		if i == 0 && !strings.HasPrefix(base, "python") {
			return false
		}
	}
	return false
}
