package proc

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

func TestWSGI(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"gunicorn: master [app:app]", "gunicorn"},
		{"gunicorn: worker [app:app]", "gunicorn"},
		{"/srv/app/.venv/bin/python3 /srv/app/.venv/bin/gunicorn -b unix:x app:app", "gunicorn"},
		{"/usr/bin/python3 /usr/bin/gunicorn3 app:app", "gunicorn"},
		{"python -u -m gunicorn app:app", "gunicorn"},
		{"python -X dev -m flask run -p 5000", "flask"},
		{"/usr/bin/python3 /usr/local/bin/flask --app shop run", "flask"},
		{"/usr/bin/python3 /usr/local/bin/flask shell", ""},
		{"uwsgi --ini /etc/uwsgi/app.ini", "uwsgi"},
		{"/usr/bin/uwsgi-core --ini x", "uwsgi"},
		{"waitress-serve app:app", "waitress"},
		{"python -m uvicorn app:app", "uvicorn"},
		{"vim gunicorn.conf.py", ""},
		{"journalctl -u gunicorn", ""},
		{"python -c gunicorn", ""},
		{"python", ""},
		{"", ""},
	} {
		if got := WSGI(detect.Process{Args: strings.Fields(c.args)}); got != c.want && !strings.HasPrefix(c.args, "gunicorn: ") {
			t.Errorf("%q is %q, want %q", c.args, got, c.want)
		}
	}
	if got := WSGI(detect.Process{Args: []string{"gunicorn: master [app:app]"}}); got != "gunicorn" {
		t.Errorf("setproctitle: %q", got)
	}
}

func TestStraysAreMastersOutsideKnownUnits(t *testing.T) {
	all := []detect.Process{
		{PID: 10, PPID: 1, Unit: "shop.service", Args: []string{"gunicorn: master [app:app]"}},
		{PID: 11, PPID: 10, Unit: "shop.service", Args: []string{"gunicorn: worker [app:app]"}},
		{PID: 20, PPID: 19, Unit: "session-3.scope", Args: []string{"python3", "/usr/bin/gunicorn", "app:app"}},
		{PID: 21, PPID: 20, Unit: "session-3.scope", Args: []string{"python3", "/usr/bin/gunicorn", "app:app"}},
		{PID: 30, PPID: 1, Unit: "docker-abc.scope", Args: []string{"flask", "run"}},
	}
	var got []int
	for _, p := range Strays(all, []string{"shop.service"}) {
		got = append(got, p.PID)
	}
	if !slices.Equal(got, []int{20, 30}) {
		t.Errorf("got %v", got)
	}
}

func TestStraySeenForReal(t *testing.T) {
	pid := run(t, nil, "gunicorn: master [app:app]")
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(Strays(all, nil), func(p detect.Process) bool { return p.PID == pid }) {
		t.Error("not seen")
	}
}

func TestNginx(t *testing.T) {
	master := detect.Process{PID: 10, PPID: 1, Comm: "nginx", Unit: "nginx.service", Args: []string{"nginx: master process /usr/sbin/nginx -g daemon on; master_process on;"}}
	old := detect.Process{PID: 11, PPID: 10, Start: 1, Comm: "nginx", Unit: "nginx.service", Exits: true, Args: []string{"nginx: worker process is shutting down"}}
	worker := detect.Process{PID: 12, PPID: 10, Start: 3, Comm: "nginx", Unit: "nginx.service", Args: []string{"nginx: worker process"}}
	later := detect.Process{PID: 13, PPID: 10, Start: 4, Comm: "nginx", Unit: "nginx.service", Args: []string{"nginx: worker process"}}
	inDocker := detect.Process{PID: 20, PPID: 2, Comm: "nginx", Unit: "docker-abc.scope", Args: []string{"nginx: master process nginx"}}
	forged := detect.Process{PID: 30, PPID: 3, Comm: "sh", Unit: "session-1.scope", Args: []string{"nginx: master process"}}
	byAnybody := detect.Process{PID: 40, PPID: 1, UID: 1000, Comm: "nginx", Unit: "user@1000.service", Args: []string{"nginx: master process /usr/sbin/nginx"}}
	child := detect.Process{PID: 41, PPID: 40, UID: 1000, Comm: "nginx", Unit: "user@1000.service", Args: []string{"nginx: worker process"}}
	orphan := worker
	orphan.PPID = 1
	byHand := master
	byHand.Unit = "session-1.scope"
	for _, c := range []struct {
		name    string
		all     []detect.Process
		master  int
		workers []int
		current int
	}{
		{"whole", []detect.Process{forged, inDocker, master, old, worker, later}, 10, []int{11, 12, 13}, 12},
		{"none", []detect.Process{forged, inDocker}, 0, nil, 0},
		{"master killed", []detect.Process{orphan, byHand}, 0, []int{12}, 12},
		{"a user's own", []detect.Process{byAnybody, child}, 0, nil, 0},
		{"a user's own beside root's", []detect.Process{byAnybody, child, byHand}, 10, nil, 0},
		{"started by hand", []detect.Process{byHand}, 10, nil, 0},
		{"only leaving", []detect.Process{master, old}, 10, []int{11}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, workers := Nginx(c.all, "nginx.service")
			var got []int
			for _, w := range workers {
				got = append(got, w.PID)
			}
			if pidOf(m) != c.master || !slices.Equal(got, c.workers) || pidOf(Worker(workers)) != c.current {
				t.Errorf("master %d workers %v current %d", pidOf(m), got, pidOf(Worker(workers)))
			}
		})
	}
}

func pidOf(p *detect.Process) int {
	if p == nil {
		return 0
	}
	return p.PID
}

func TestExitsByTitle(t *testing.T) {
	pid := run(t, nil, "nginx: worker process is shutting down")
	if p, err := Read(pid); err != nil || p.Exits { // "… 300" behind it here
		t.Errorf("%+v, %v", p, err)
	}
	if !strings.HasSuffix(title(detect.Process{Args: parseArgs([]byte("nginx: worker process is shutting down\x00\x00"))}), "is shutting down") {
		t.Error("nginx's own padding hides the title")
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
}
