package diagnose_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
)

// byHand are faults as machines were broken by hand: what is told must be what helps at night, and nothing may
// be done that cannot help.
var byHand = map[string]struct {
	break_ func(*detect.Facts)
	cause  detect.Cause
	acts   bool
	advice string // a piece of it
	not    string // a piece that would send a person the wrong way
}{
	"ExecStartPre= fails": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 0, 0)
		f.Unit.ExecStart = 0
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventControlExited, map[string]string{"code": "exited", "status": "1", "command": "ExecStartPre"})}
	}, detect.AppStartup, true, "what ExecStartPre= said before it failed", "systemctl restart shop.service   #"},
	"ExecStartPre= takes too long": {func(f *detect.Facts) {
		down(f, "failed", "timeout", 0, 0)
		f.Unit.ExecStart = 0
	}, detect.AppStartup, true, "TimeoutStartSec=", ""},
	"ExecStartPost= fails": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 0)
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventControlExited, map[string]string{"status": "1", "command": "ExecStartPost"})}
	}, detect.AppStartup, true, "what ExecStartPost= said", ""},
	"READY=1 never comes": {func(f *detect.Facts) {
		down(f, "failed", "timeout", 2, 15)
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventStartTimeout, nil)}
	}, detect.GunicornCrashed, false, "READY=1", ""},
	"systemd's watchdog": {func(f *detect.Facts) { down(f, "failed", "watchdog", 2, 6) }, detect.GunicornCrashed, true, "WatchdogSec=0", ""},
	"its file vanished, and it died before": {func(f *detect.Facts) {
		down(f, "inactive", "success", 0, 0)
		f.Unit.Load, f.Unit.ExecStart, f.Unit.InactiveExit = "not-found", 0, 0
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventMainExited, map[string]string{"code": "killed"})}
	}, detect.GunicornCrashed, false, "shop.service has no unit file", "systemctl restart"},
	"killed while it was frozen": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Unit.Freezer = "frozen"
	}, detect.GunicornCrashed, true, "systemctl disable shop.service && systemctl enable --now shop.service", "systemctl restart shop.service"},
	"its master killed while it was frozen": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Unit.Freezer, f.Processes = "frozen", []detect.Process{{PID: 8, State: "S"}}
	}, detect.GunicornCrashed, true, "systemctl kill -s KILL shop.service", "systemctl restart shop.service"},
	"systemctl freeze": {func(f *detect.Facts) {
		f.Upstream = &detect.Answer{At: now, URL: sock.String(), Outcome: detect.TimedOut, Stage: "header"}
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.TimedOut, Stage: "header"}
		f.Unit.Freezer = "frozen"
		for i := range f.Processes {
			f.Processes[i].Frozen = true
		}
	}, detect.GunicornHung, true, "systemctl thaw shop.service", "systemctl kill"},
	"what it requires failed": {func(f *detect.Facts) {
		down(f, "inactive", "success", 1, 0)
		f.Stop = &detect.Stop{At: now.Add(-2 * second), ByJob: true}
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventUnitHeldBack, map[string]string{"unit": "shop.service"})}
	}, detect.GunicornStopped, false, "systemctl list-dependencies shop.service", ""},
	"what it requires had failed, and it was started since": {func(f *detect.Facts) {
		down(f, "inactive", "success", 1, 0)
		held, started := line(detect.FromSystemd, detect.EventUnitHeldBack, nil), line(detect.FromSystemd, detect.EventUnitStarted, nil)
		held.At = started.At.Add(-60 * second)
		f.Lines = []detect.Line{held, started}
	}, detect.GunicornStopped, true, "systemctl start shop.service", ""},
	"--daemon in a unit of Type=simple": {func(f *detect.Facts) {
		down(f, "inactive", "success", 1, 0)
		f.Unit.Type, f.Unit.Argv = "simple", append(f.Unit.Argv, "--daemon")
	}, detect.GunicornStopped, false, "take --daemon out of ExecStart=", "Restart=always"},
	"--reload, and a file that does not parse": {func(f *detect.Facts) {
		f.Upstream = &detect.Answer{At: now, URL: "unix", Outcome: detect.Answered, Status: 500}
		f.Public = f.Upstream
		f.Traffic.LastAnswer = now.Add(-100 * second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "SyntaxError", "file": "/srv/shop/app.py", "line": "77", "message": "invalid syntax", "phase": "boot"})}
	}, detect.AppImportError, true, "/srv/shop/app.py, line 77 does not parse", "go back to what ran before"},
	"ProtectSystem=strict": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		l := line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "OSError", "path": "/srv/shop/g.pid", "phase": "boot"})
		l.Errno = 30
		f.Lines = []detect.Line{l}
	}, detect.DiskFull, false, "ReadWritePaths=/srv/shop", "vacuum"},
	"a pid file that was left over": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventAddressInUse, map[string]string{"holder": "1", "pidfile": "/run/shop/g.pid"})}
	}, detect.PortInUse, false, "rm /run/shop/g.pid", "proxy_pass"},
	"the app's own port": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		l := line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "OSError", "file": "/srv/shop/app.py", "line": "18", "phase": "boot"})
		l.Errno, l.Text = 98, "OSError: [Errno 98] Address already in use (while attempting to bind on address ('127.0.0.1', 5433))"
		f.Lines = []detect.Line{l}
	}, detect.PortInUse, false, "/srv/shop/app.py:18 itself listens on 127.0.0.1:5433", "proxy_pass"},
	"the directory of gunicorn's log is missing": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventConfigError, map[string]string{"path": "/var/log/shop/error.log", "message": "Error: '/var/log/shop/error.log' isn't writable [FileNotFoundError(2, 'No such file or directory')]"})}
	}, detect.UnitUserWrong, true, "install -d -o shop /var/log/shop", "chown"},
	"no process is left for the user": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 203)
		f.Named = []detect.Named{{Kind: "exec", Name: "/usr/bin/gunicorn", State: "exists"}}
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventSpawnFailed, map[string]string{"step": "EXEC", "path": "/usr/bin/gunicorn", "reason": "Resource temporarily unavailable"})}
	}, detect.ExecPathWrong, true, "LimitNPROC=", "interpreter"},
	"the unit's group is another": {func(f *detect.Facts) {
		shut(f, detect.Denied, 13)
		f.Unit.BindMode, f.Unit.Group = 0o770, "shop"
		f.Path = walked(detect.PathPart{Path: sock.Address, Kind: "socket", Mode: 0o770, Owner: "shop", Group: "shop", WorkerMay: "no"})
	}, detect.SocketPermission, true, "for good: systemctl edit shop.service   # [Service] Group=www-data", "--umask"},
	"an import error behind a long start limit": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		f.Unit.Restart, f.Unit.StartLimitSpan = "always", 600*second
		f.Unit.ExecStart, f.Unit.InactiveExit = now.Add(-3*second), now.Add(-3*second)
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": "redis", "phase": "boot"})}
	}, detect.AppImportError, true, "then: systemctl reset-failed shop.service; systemctl restart shop.service", ""},
	"another location goes where nobody listens": {func(f *detect.Facts) {
		f.Traffic.Nginx5xx, f.Traffic.LastError = 9, now
		l := line(detect.FromNginxError, detect.EventConnectFailed, map[string]string{"upstream": "127.0.0.1:8111"})
		l.Errno = 111
		f.Lines = []detect.Line{l}
	}, detect.Unknown, false, "nginx goes to 127.0.0.1:8111", ""},
	"killed, and its unit file is gone": {func(f *detect.Facts) {
		down(f, "failed", "signal", 2, 9)
		f.Unit.Load = "not-found"
	}, detect.GunicornCrashed, true, "has no unit file", "systemctl edit"},
	"RestrictAddressFamilies= without unix": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		l := line(detect.FromApp, detect.EventBindFailed, map[string]string{"path": sock.Address})
		l.Text = "connection to /run/shop/shop.sock failed: [Errno 97] Address family not supported by protocol"
		f.Lines = []detect.Line{l}
	}, detect.BindDenied, true, "RestrictAddressFamilies=AF_UNIX", "RuntimeDirectory="},
	"the unit's group does not exist": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 216)
		f.Unit.Group = "shoppers"
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventSpawnFailed, map[string]string{"step": "GROUP", "reason": "No such process"})}
	}, detect.UnitUserWrong, true, "groupadd --system shoppers", "useradd"},
	"gunicorn may not make its log": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		f.Named = []detect.Named{{Kind: "file", Name: "/var/log/shop.log", State: "missing"}}
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventConfigError, map[string]string{"path": "/var/log/shop.log", "message": "Error: '/var/log/shop.log' isn't writable [PermissionError(13, 'Permission denied')]"})}
	}, detect.UnitUserWrong, true, "touch /var/log/shop.log && chown shop /var/log/shop.log", ""},
	"gunicorn may not make its pid file": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		f.Unit.Argv = append(f.Unit.Argv, "--pid", "/run/shop.pid")
		f.Named = []detect.Named{{Kind: "file", Name: "/run/tmp_lvsfuve", State: "missing"}}
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "PermissionError", "path": "/run/tmp_lvsfuve", "phase": "boot"})}
	}, detect.UnitUserWrong, true, "take --pid out of ExecStart=", "tmp_lvsfuve"},
	"masked until the next boot": {func(f *detect.Facts) {
		down(f, "inactive", "success", 1, 0)
		f.Unit.Load, f.Unit.FileState = "masked", "masked-runtime"
	}, detect.GunicornStopped, true, "systemctl unmask --runtime shop.service", ""},
	"its socket is gone, and its service does not require it": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Route.Socket, f.Socket = "shop.socket", &detect.Unit{Name: "shop.socket", Active: "active"}
	}, detect.SocketMissing, true, "systemctl stop shop.socket shop.service && systemctl start shop.socket", "systemctl restart"},
	"its socket is gone, and its service requires it": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Route.Socket, f.Socket = "shop.socket", &detect.Unit{Name: "shop.socket", Active: "active", TakenAlong: []detect.Dependent{{Unit: "shop.service", Active: "active"}}}
	}, detect.SocketMissing, true, "systemctl restart shop.socket", "systemctl stop"},
	"its socket listens elsewhere": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		other := detect.Unix("/run/other.sock")
		f.Route.Socket, f.Unit.BindSource, f.Unit.Binds, f.Listeners = "shop.socket", "socket unit", []detect.Target{other}, nil
	}, detect.UpstreamMismatch, true, "systemctl edit shop.socket   # [Socket] ListenStream= ListenStream=/run/shop/shop.sock", "--bind"},
	"RemainAfterExit=": {func(f *detect.Facts) {
		down(f, "active", "success", 1, 0)
		f.Unit.Sub = "exited"
	}, detect.GunicornStopped, true, "neither RemainAfterExit= nor --daemon", ""},
	"nginx distrusts gunicorn's certificate": {func(f *detect.Facts) {
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		f.Lines = []detect.Line{line(detect.FromNginxError, detect.EventTLSVerify, map[string]string{"schema": "https"})}
	}, detect.ProtocolMismatch, false, "proxy_ssl_trusted_certificate", "proxy_pass http://"},
	"https through an upstream block": {func(f *detect.Facts) {
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		f.Nginx.Disk.Upstreams = []detect.ProxyTo{{Target: sock, Schema: "https", Where: "/etc/nginx/conf.d/shop.conf:1", Name: "shop", Pass: "/etc/nginx/sites-enabled/shop:9", URI: "/app/"}}
		f.Lines = []detect.Line{line(detect.FromNginxError, detect.EventTLSClosed, map[string]string{"schema": "https"})}
	}, detect.ProtocolMismatch, false, "in /etc/nginx/sites-enabled/shop:9: proxy_pass http://shop/app/;", ""},
	"proxy_pass with a URI goes astray": {func(f *detect.Facts) {
		shut(f, detect.Missing, 2)
		f.Nginx.Disk.Upstreams[0].Target, f.Nginx.Disk.Upstreams[0].URI = detect.Unix("/run/shop/old.sock"), "/app/"
	}, detect.UpstreamMismatch, true, "proxy_pass http://unix:/run/shop/shop.sock:/app/;", ""},
	"a variable in proxy_pass, and no resolver": {func(f *detect.Facts) {
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		f.Lines = []detect.Line{line(detect.FromNginxError, detect.EventNoResolver, map[string]string{"name": "app.internal"})}
	}, detect.DNSResolve, false, "resolver NAMESERVER;", "127.0.0.53"},
	"every request is timed out by gunicorn 23": {func(f *detect.Facts) {
		silent(f)
		f.Traffic.Answered = 0
		timeout, told := line(detect.FromApp, detect.EventWorkerTimeout, nil), line(detect.FromApp, detect.EventRequestError, nil)
		timeout.Count, told.Count = 12, 12
		f.Lines = []detect.Line{timeout, told}
	}, detect.WorkerTimeout, false, "find the slow view", "hangs while it is imported"},
	"uwsgi_pass to a slow server": {func(f *detect.Facts) {
		silent(f)
		f.Unit.WSGI = "uwsgi"
		f.Lines = []detect.Line{line(detect.FromNginxError, detect.EventUpstreamTimeout, map[string]string{"schema": "uwsgi", "while": "reading response header from upstream"})}
	}, detect.WorkerTimeout, false, "uwsgi_read_timeout 120s;", "proxy_read_timeout"},
	"ProtectHome= hides the app": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 200)
		f.Unit.WorkDir = "/home/anna/shop"
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventSpawnFailed, map[string]string{"step": "CHDIR", "reason": "Permission denied"})}
	}, detect.ExecPathWrong, true, "systemctl show -P ProtectHome shop.service", ""},
	"the unit has its runtime directory, and may not bind there": {func(f *detect.Facts) { refused(f, sock.String(), 0) }, detect.BindDenied, true, "RestrictAddressFamilies", "RuntimeDirectory=shop"},
	"a port above 1023 is refused": {func(f *detect.Facts) {
		f.Route.Target = detect.TCP("127.0.0.1:8000")
		refused(f, "127.0.0.1:8000", 0)
	}, detect.BindDenied, true, "SocketBindDeny", "root's"},
	"a socket in somebody's home": {func(f *detect.Facts) { refused(f, "unix:/home/anna/shop.sock", 13) },
		detect.BindDenied, true, "--bind unix:/run/shop/shop.sock", "chown"},
	"a socket in a directory that is not there": {func(f *detect.Facts) { refused(f, "unix:/srv/shop/run/shop.sock", 2) },
		detect.BindDenied, true, "install -d -o shop /srv/shop/run", "chown"},
	"a path longer than a socket's may be": {func(f *detect.Facts) { refused(f, "unix:/srv/"+strings.Repeat("a", 110), 0) },
		detect.BindDenied, true, "has 107 bytes at most, this one 115", "chown"},
	"another address for both sides": {func(f *detect.Facts) { refused(f, "127.0.0.1:81", 13) },
		detect.BindDenied, true, "nginx -t && systemctl reload nginx", ""},
	"Type=forking, and gunicorn stays in the foreground": {func(f *detect.Facts) {
		down(f, "failed", "timeout", 2, 15)
		f.Unit.Type = "forking"
		f.Lines = []detect.Line{line(detect.FromSystemd, detect.EventStartTimeout, nil)}
	}, detect.GunicornCrashed, false, "--daemon", "READY=1"},
	"a pid file that Type=forking reads": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		f.Unit.Type = "forking"
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventAddressInUse, map[string]string{"holder": "1", "pidfile": "/run/shop/g.pid"})}
	}, detect.PortInUse, false, "Type=notify", "take --pid out"},
	"cron started the other program": {func(f *detect.Facts) { taken(f, "gunicorn", "cron.service") }, detect.PortInUse, true, "kill 7", "systemctl stop"},
	"a container's port":             {func(f *detect.Facts) { taken(f, "docker-proxy", "docker.service") }, detect.PortInUse, true, "docker stop", "systemctl stop"},
	"a user's own unit":              {func(f *detect.Facts) { taken(f, "gunicorn", "user@1000.service") }, detect.PortInUse, true, "kill 7", "systemctl stop"},
	"a container has nginx's port": {func(f *detect.Facts) {
		f.Nginx.Unit, f.Nginx.Master, f.Nginx.Workers = &detect.Unit{Name: "nginx.service", Load: "loaded", Active: "failed", Sub: "failed", Result: "exit-code"}, nil, nil
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Refused}
		f.Nginx.Foreign = []detect.Listener{{Target: detect.TCP("0.0.0.0:80"), Owners: []detect.Process{{PID: 7, Comm: "docker-proxy", Unit: "docker.service"}}}}
	}, detect.NginxDown, true, "docker stop", "systemctl stop"},
	"no room for the pid file that Type=forking reads": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		f.Unit.Type, f.Unit.Argv = "forking", append(f.Unit.Argv, "--pid", "/run/shop.pid")
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "PermissionError", "path": "/run/tmp_lvsfuve", "phase": "boot"})}
	}, detect.UnitUserWrong, true, "Type=notify in place of Type=forking", "take --pid out"},
	"another service":  {func(f *detect.Facts) { taken(f, "node", "blog.service") }, detect.PortInUse, true, "systemctl stop blog.service", "kill 7"},
	"nginx's own port": {func(f *detect.Facts) { taken(f, "nginx", "nginx.service") }, detect.PortInUse, true, "grep -n listen", "systemctl stop"},
	"out of memory under Restart=always": {func(f *detect.Facts) {
		down(f, "failed", "oom-kill", 1, 0)
		f.Unit.Restart, f.Unit.OOMPolicy = "always", "stop"
	}, detect.WorkerOOM, true, "[Service] OOMPolicy=continue   #", "Restart=on-failure"},
	"out of memory without Restart=": {func(f *detect.Facts) {
		down(f, "failed", "oom-kill", 1, 0)
		f.Unit.Restart = "no"
	}, detect.WorkerOOM, true, "OOMPolicy=continue Restart=on-failure RestartSec=2", ""},
	"out of memory with threads": {func(f *detect.Facts) {
		down(f, "failed", "oom-kill", 1, 0)
		f.Unit.WorkerClass = "gthread"
	}, detect.WorkerOOM, true, "--max-requests loses requests", "--max-requests 1000"},
	"python -m gunicorn, and a package is missing": {func(f *detect.Facts) {
		lacks(f, "redis")
		f.Unit.Argv = []string{"/srv/shop/venv/bin/python", "-m", "gunicorn", "app:app"}
	}, detect.AppImportError, true, "/srv/shop/venv/bin/python -m pip install redis", "apt install"},
	"a gunicorn of pip's own, and a package is missing": {func(f *detect.Facts) {
		lacks(f, "redis")
		f.Unit.Argv = []string{"/usr/local/bin/gunicorn", "app:app"}
		f.Named = []detect.Named{{Kind: "interpreter", Name: "/usr/bin/python3", State: "exists"}}
	}, detect.AppImportError, true, "apt install python3-redis", "/usr/local/bin/python"},
	"a route that prohibits": {func(f *detect.Facts) {
		f.Route.Target = detect.TCP("10.9.9.9:8000")
		shut(f, detect.Denied, 13)
		f.Host = &detect.Host{MAC: "apparmor"}
	}, detect.NetUnreachable, true, "ip route get 10.9.9.9", "setsebool"},
	"AppArmor lets no program be run": {func(f *detect.Facts) {
		l := line(detect.FromKernel, detect.EventAppArmor, map[string]string{"operation": "exec", "profile": "gunicorn", "name": "/usr/bin/gs"})
		shut(f, detect.Missing, 2)
		f.Lines = []detect.Line{l}
	}, detect.MACDenied, true, "aa-logprof", " rw,"},
	"gunicorn's configuration file is gone": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 1)
		f.Unit.Argv = append(f.Unit.Argv, "-c", "/etc/shop/gunicorn.py")
		f.Lines = []detect.Line{line(detect.FromApp, detect.EventCommandMissing, map[string]string{"path": "/etc/shop/gunicorn.py"})}
	}, detect.ExecPathWrong, false, "names /etc/shop/gunicorn.py, which is not there: bring it back", "start script"},
	"a quota is used up": {func(f *detect.Facts) {
		down(f, "failed", "exit-code", 1, 3)
		l := line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "OSError", "path": "/srv/shop/cache.db", "phase": "boot"})
		l.Errno = 122
		f.Lines = []detect.Line{l}
	}, detect.DiskFull, false, "quota -s -u shop", "vacuum"},
	"proxy_pass goes astray by a variable": {func(f *detect.Facts) {
		f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Answered, Status: 502, ByNginx: true}
		f.Nginx.Disk.Upstreams = []detect.ProxyTo{{Var: true, Where: "/etc/nginx/sites-enabled/shop:9"}}
	}, detect.Unknown, false, "proxy_pass (/etc/nginx/sites-enabled/shop:9) goes by a variable", "take it out"},
	"nginx has no server for the site any more": {func(f *detect.Facts) {
		f.Public = &detect.Answer{Outcome: detect.NotAsked}
		f.Baseline = &detect.Baseline{At: now.Add(-900 * second), Status: 200}
		f.Nginx.Disk = &detect.SiteConf{Hash: "h"}
	}, detect.NginxAnswered, true, "bring the block of shop.test back", "take it out"},
}

func TestBrokenByHand(t *testing.T) {
	for name, c := range byHand {
		t.Run(name, func(t *testing.T) {
			f := well()
			c.break_(&f)
			d := diagnose.Diagnose(f)
			if d.Primary.Cause != c.cause {
				t.Fatalf("%s, want %s\n%+v\nalso %+v", d.Primary.Cause, c.cause, d.Primary, d.Also)
			}
			if acts := d.Primary.Confidence >= detect.ActAt; acts != c.acts {
				t.Errorf("confidence %d, sure %v", d.Primary.Confidence, c.acts)
			}
			says := func(piece string) bool {
				return slices.ContainsFunc(d.Primary.Advised(), func(a string) bool { return strings.Contains(a, piece) })
			}
			if !says(c.advice) {
				t.Errorf("%q does not say %q", d.Primary.Advised(), c.advice)
			}
			if c.not != "" && says(c.not) {
				t.Errorf("%q says %q", d.Primary.Advised(), c.not)
			}
		})
	}
}

// refused is a bind that failed; an errno is told by gunicorn 23 only.
func refused(f *detect.Facts, target string, errno int) {
	down(f, "failed", "exit-code", 1, 1)
	l := line(detect.FromApp, map[bool]detect.Event{true: detect.EventBindGaveUp, false: detect.EventBindFailed}[errno == 0], map[string]string{"target": target})
	l.Errno = errno
	f.Lines = []detect.Line{l}
}

// taken is the route's port, held by another program.
func taken(f *detect.Facts, comm, unit string) {
	f.Route.Target = detect.TCP("127.0.0.1:8000")
	down(f, "failed", "exit-code", 1, 1)
	f.Listeners = []detect.Listener{{Target: f.Route.Target, Ours: true, Owners: []detect.Process{{PID: 7, Comm: comm, Unit: unit, Args: []string{comm}}}}}
}

// lacks is an app that cannot be loaded without a module.
func lacks(f *detect.Facts, module string) {
	down(f, "failed", "exit-code", 1, 3)
	f.Lines = []detect.Line{line(detect.FromApp, detect.EventTraceback, map[string]string{"kind": "ModuleNotFoundError", "module": module, "phase": "boot"})}
}
