package gunicorn

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// machine is a service with its files and environment; empty Dir is /srv/app.
type machine struct {
	argv    []string
	dir     string
	env     map[string]string
	files   map[string]string
	unknown bool
	listens []detect.Target
}

func (m machine) read() Told {
	if m.dir == "" {
		m.dir = "/srv/app"
	}
	s := Service{Argv: m.argv, Dir: m.dir, EnvUnknown: m.unknown, Listens: m.listens,
		Env: func(name string) (string, bool) { v, ok := m.env[name]; return v, ok }}
	return Read(s, func(path string) ([]byte, error) {
		text, ok := m.files[path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	})
}

func words(s string) []string { return strings.Fields(s) }

var tcp8000 = []detect.Target{detect.TCP("127.0.0.1:8000")}

func unix(path string) []detect.Target { return []detect.Target{detect.Unix(path)} }

func TestWhereItBinds(t *testing.T) {
	conf := map[string]string{"/srv/app/gunicorn.conf.py": "import os\n\nbind = \"unix:/run/conf.sock\"\n"}
	for _, tc := range []struct {
		name   string
		m      machine
		binds  []detect.Target
		source string
	}{
		{"default", machine{argv: words("/venv/bin/gunicorn app:app")}, tcp8000, "default"},
		{"PORT", machine{argv: words("gunicorn app:app"), env: map[string]string{"PORT": "9000"}}, []detect.Target{detect.TCP("0.0.0.0:9000")}, "PORT"},
		{"silent configuration file", machine{argv: words("gunicorn app:app"), files: conf}, unix("/run/conf.sock"), "/srv/app/gunicorn.conf.py:3"},
		{"GUNICORN_CMD_ARGS over the file", machine{argv: words("gunicorn app:app"), files: conf, env: map[string]string{"GUNICORN_CMD_ARGS": "--bind '127.0.0.1:9' -w 3"}}, []detect.Target{detect.TCP("127.0.0.1:9")}, "GUNICORN_CMD_ARGS"},
		{"argv over all", machine{argv: words("gunicorn -b 127.0.0.1:7 app:app"), files: conf, env: map[string]string{"GUNICORN_CMD_ARGS": "-b :9"}}, []detect.Target{detect.TCP("127.0.0.1:7")}, "argv"},
		{"a socket unit over argv", machine{argv: words("gunicorn -b 127.0.0.1:7 app:app"), listens: unix("/run/x.sock")}, unix("/run/x.sock"), "socket unit"},
		{"-c of GUNICORN_CMD_ARGS", machine{argv: words("gunicorn app:app"), env: map[string]string{"GUNICORN_CMD_ARGS": "-c /etc/g.py"}, files: map[string]string{"/etc/g.py": "bind = '127.0.0.1:6'"}}, []detect.Target{detect.TCP("127.0.0.1:6")}, "/etc/g.py:1"},
		{"-c hides ./gunicorn.conf.py", machine{argv: words("gunicorn -c /etc/g.py app:app"), files: map[string]string{"/etc/g.py": "workers = 2", "/srv/app/gunicorn.conf.py": "bind = 'x'"}}, tcp8000, "default"},
		{"-c python:module", machine{argv: words("gunicorn -c python:conf.prod app:app"), files: map[string]string{"/srv/app/conf/prod.py": "bind=['127.0.0.1:1', 'unix:run/a.sock']"}}, []detect.Target{detect.TCP("127.0.0.1:1"), detect.Unix("/srv/app/run/a.sock")}, "/srv/app/conf/prod.py:1"},
		{"-c that cannot be read", machine{argv: words("gunicorn -c g.py app:app")}, nil, "/srv/app/g.py"},
		{"argv although -c cannot be read", machine{argv: words("gunicorn -c g.py --bind=[::1]:80 app:app")}, []detect.Target{detect.TCP("[::1]:80")}, "argv"},
		{"several -b", machine{argv: words("gunicorn -b 127.0.0.1:1 -b:2 --bind unix:///run/a.sock a:b")}, []detect.Target{detect.TCP("127.0.0.1:1"), detect.TCP("0.0.0.0:2"), detect.Unix("/run/a.sock")}, "argv"},
		{"relative to --chdir", machine{argv: words("gunicorn --chdir src --bind unix:a.sock a:b")}, unix("/srv/app/src/a.sock"), "argv"},
		{"gunicorn.conf.py is looked for before --chdir", machine{argv: words("gunicorn --chdir /else a:b"), files: conf}, unix("/run/conf.sock"), "/srv/app/gunicorn.conf.py:3"},
		{"host without port, upper case", machine{argv: words("gunicorn -b LOCALHOST a:b")}, []detect.Target{detect.TCP("localhost:8000")}, "argv"},
		{"a descriptor tells nothing", machine{argv: words("gunicorn -b fd://3 a:b")}, nil, "argv"},
		{"nonsense", machine{argv: words("gunicorn -b host:http a:b")}, nil, "argv"},
		{"environment not readable", machine{argv: words("gunicorn a:b"), unknown: true}, nil, "an environment file that cannot be read"},
		{"environment not readable, argv decides", machine{argv: words("gunicorn -b :1 a:b"), unknown: true}, []detect.Target{detect.TCP("0.0.0.0:1")}, "argv"},
		{"systemd's variables", machine{argv: []string{"gunicorn", "$OPTS", "-b", "127.0.0.1:${P}", "a:b"}, env: map[string]string{"OPTS": "-w 2 -t 9", "P": "77"}}, []detect.Target{detect.TCP("127.0.0.1:77")}, "argv"},
		{"computed in the file", machine{argv: words("gunicorn a:b"), files: map[string]string{"/srv/app/gunicorn.conf.py": "bind = f'0.0.0.0:{port}'"}}, nil, "/srv/app/gunicorn.conf.py:1"},
		{"flask run", machine{argv: words("/v/bin/flask --app x run --port=5001")}, []detect.Target{detect.TCP("127.0.0.1:5001")}, "argv"},
		{"uvicorn", machine{argv: words("/v/bin/uvicorn a:b --uds run/u.sock")}, unix("/srv/app/run/u.sock"), "argv"},
		{"something else", machine{argv: words("/usr/bin/node server.js -b 127.0.0.1:1")}, nil, ""},
	} {
		got := tc.m.read()
		if diff := cmp.Diff(tc.binds, got.Binds, cmpopts.EquateEmpty()); diff != "" || got.BindSource != tc.source {
			t.Errorf("%s: from %q, want %q\n%s", tc.name, got.BindSource, tc.source, diff)
		}
	}
}

func TestWhichServerAndApplication(t *testing.T) {
	start := map[string]string{"/srv/app/start.sh": "#!/bin/bash\nset -e\ncd /srv/app/src\n. ../venv/bin/activate\nexport PORT=9001\nexec gunicorn \\\n  wsgi:app\n"}
	for _, tc := range []struct {
		name        string
		m           machine
		server, app string
		direct      bool
		bind        string
	}{
		{"plain", machine{argv: words("/srv/venv/bin/gunicorn -w 3 --preload app:create_app()")}, "gunicorn", "app:create_app()", true, "127.0.0.1:8000"},
		{"python -m", machine{argv: words("/venv/bin/python3.11 -u -X dev -m gunicorn app:app")}, "gunicorn", "app:app", true, "127.0.0.1:8000"},
		{"python script", machine{argv: words("/usr/bin/python3 /usr/bin/gunicorn app:app")}, "gunicorn", "app:app", true, "127.0.0.1:8000"},
		{"a Python program", machine{argv: words("/usr/bin/python3 app.py -m gunicorn")}, "", "", true, ""},
		{"sh -c exec", machine{argv: []string{"/bin/sh", "-c", "cd src && exec gunicorn -b unix:a.sock 'app:make(\"x\")'"}}, "gunicorn", `app:make("x")`, true, "unix:/srv/app/src/a.sock"},
		{"sh -c alone saves the fork", machine{argv: []string{"/bin/bash", "-lc", "gunicorn app:app"}}, "gunicorn", "app:app", true, "127.0.0.1:8000"},
		{"sh -c with more", machine{argv: []string{"/bin/bash", "-c", "source venv/bin/activate; gunicorn app:app"}}, "gunicorn", "app:app", false, "127.0.0.1:8000"},
		{"shell's variables", machine{argv: []string{"sh", "-c", "gunicorn -b 0.0.0.0:${WEB_PORT:-8123} app:app"}}, "gunicorn", "app:app", true, "0.0.0.0:8123"},
		{"env", machine{argv: words("/usr/bin/env PORT=81 gunicorn app:app")}, "gunicorn", "app:app", true, "0.0.0.0:81"},
		{"poetry", machine{argv: words("/root/.local/bin/poetry run gunicorn app:app")}, "gunicorn", "app:app", true, "127.0.0.1:8000"},
		{"uv", machine{argv: words("uv run --frozen python -m gunicorn app:app")}, "gunicorn", "app:app", false, "127.0.0.1:8000"},
		{"start script", machine{argv: words("/srv/app/start.sh"), files: start}, "gunicorn", "wsgi:app", true, "0.0.0.0:9001"},
		{"start script by a shell", machine{argv: words("/bin/bash ./start.sh"), files: start}, "gunicorn", "wsgi:app", true, "0.0.0.0:9001"},
		{"binary", machine{argv: words("/srv/app/server"), files: map[string]string{"/srv/app/server": "\x7fELF gunicorn"}}, "", "", true, ""},
		{"script that runs itself", machine{argv: words("/x.sh"), files: map[string]string{"/x.sh": "#!/bin/sh\n" + strings.Repeat("/x.sh\n", 50)}}, "", "", true, ""},
		{"application in the file", machine{argv: words("gunicorn"), files: map[string]string{"/srv/app/gunicorn.conf.py": "wsgi_app = 'shop:app'"}}, "gunicorn", "shop:app", true, "127.0.0.1:8000"},
		{"uwsgi", machine{argv: words("/usr/bin/uwsgi --ini x.ini")}, "uwsgi", "", true, ""},
		{"nothing", machine{}, "", "", true, ""},
	} {
		got := tc.m.read()
		if got.Server != tc.server || got.App != tc.app || got.Direct != tc.direct {
			t.Errorf("%s: server %q app %q direct %v", tc.name, got.Server, got.App, got.Direct)
		}
		if bind := first(got.Binds); bind != tc.bind {
			t.Errorf("%s: binds %q, want %q", tc.name, bind, tc.bind)
		}
	}
}

func first(targets []detect.Target) string {
	if len(targets) == 0 {
		return ""
	}
	return targets[0].String()
}

func TestOtherSettings(t *testing.T) {
	const s = detect.Span(1_000_000)
	for _, tc := range []struct {
		name, args, conf string
		want             Told
	}{
		{"defaults", "a:b", "", Told{Timeout: 30 * s, WorkerClass: "sync"}},
		{"command line", "-t 60 -k gevent -m 007 --error-logfile log/e.log --access-logfile - a:b", "", Told{Timeout: 60 * s, WorkerClass: "gevent", Umask: 7, LogFiles: []string{"/srv/app/log/e.log"}}},
		{"the other spelling", "--log-file /var/log/g.log a:b", "", Told{Timeout: 30 * s, WorkerClass: "sync", LogFiles: []string{"/var/log/g.log"}}},
		{"no timeout", "--timeout=0 a:b", "", Told{Timeout: detect.Forever, WorkerClass: "sync"}},
		{"threads make gthread", "--threads 4 a:b", "", Told{Timeout: 30 * s, WorkerClass: "gthread"}},
		{"file", "a:b", "timeout = 90  # long\numask = 0o117\nworker_class = 'gthread'\naccesslog = None\nerrorlog = '-'\n", Told{Timeout: 90 * s, WorkerClass: "gthread", Umask: 0o117}},
		{"computed", "a:b", "timeout = 2 * 60\numask = compute()\nworker_class = cls\n", Told{Umask: -1}},
	} {
		m := machine{argv: append([]string{"gunicorn"}, words(tc.args)...)}
		if tc.conf != "" {
			m.files = map[string]string{"/srv/app/gunicorn.conf.py": tc.conf}
		}
		got := m.read()
		ignore := cmpopts.IgnoreFields(Told{}, "Server", "Direct", "App", "Binds", "BindSource", "ConfigFile")
		if diff := cmp.Diff(tc.want, got, ignore); diff != "" {
			t.Errorf("%s:\n%s", tc.name, diff)
		}
	}
}

func TestConfigurationFileIsReadAsText(t *testing.T) {
	for _, tc := range []struct {
		name, text, want string // want: bind's values joined by space, "?" when opaque, "" when not set
	}{
		{"double quotes", `bind = "a:1"`, "a:1"},
		{"no blanks, comment", `bind='a:1'# here`, "a:1"},
		{"annotated", `bind: str = 'a:1'`, "a:1"},
		{"list over lines", "bind = [\n  'a:1',  # one\n\n  \"b:2\",\n]\n", "a:1 b:2"},
		{"tuple", "bind = ('a:1', 'b:2')", "a:1 b:2"},
		{"last wins", "bind = 'a:1'\nbind = 'b:2'", "b:2"},
		{"CRLF", "bind = 'a:1'\r\ntimeout = 3\r\n", "a:1"},
		{"commented out", "# bind = 'a:1'", ""},
		{"in a docstring", "\"\"\"\nbind = 'a:1'\n\"\"\"", ""},
		{"one-line docstring", "\"\"\"about\"\"\"\nbind = 'a:1'", "a:1"},
		{"another name", "rebind = 'a:1'\nbind_all = 'b'", ""},
		{"a comparison", "bind == 'a:1'", ""},
		{"joined", "bind = 'a:' + port", "?"},
		{"formatted", "bind = f'a:{port}'", "?"},
		{"looked up", "bind = os.environ.get('BIND', 'a:1')", "?"},
		{"in a branch", "bind = 'a:1'\nif prod:\n    bind = 'b:2'", "?"},
		{"added to", "bind = ['a:1']\nbind += ['b:2']", "?"},
		{"imported from elsewhere", "from base import *", "?"},
		{"imported, then assigned", "from base import *\nbind = 'a:1'", "a:1"},
		{"list of computed", "bind = ['a:1', host]", "?"},
		{"list without end", "bind = ['a:1',", "?"},
		{"string without end", "bind = 'a:1", "?"},
		{"escaped", `bind = 'a\x3a1'`, "?"},
		{"two statements", "bind = 'a:1'; timeout = 3", "?"},
	} {
		s, ok := parseConfig(tc.text, "f")["bind"]
		got := strings.Join(s.values, " ")
		if s.opaque {
			got = "?"
		}
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%s: got %q (set %v), want %q", tc.name, got, ok, tc.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("gunicorn -b 127.0.0.1:${P} a:b", "bind = [\n'a:1'", "#!/bin/sh\nexec gunicorn", "-b '")
	f.Add("sh -c 'cd x; PORT=1 gunicorn a:b'", "bind = ('a'", "#!sh\n$(x)", "$")
	f.Add("/srv/app/s ${ $$ ${A}", "'''", "#!/usr/bin/env bash\n/srv/app/s", "[")
	f.Fuzz(func(t *testing.T, argv, conf, script, env string) {
		m := machine{argv: words(argv), env: map[string]string{"GUNICORN_CMD_ARGS": env, "P": env},
			files: map[string]string{"/srv/app/gunicorn.conf.py": conf, "/srv/app/s": script}}
		told := m.read()
		for _, b := range told.Binds {
			if !b.Known() || b.IsUnix() && !strings.HasPrefix(b.Address, "/") {
				t.Errorf("bind %+v is no address", b)
			}
		}
		if told.Binds != nil && told.BindSource == "" {
			t.Error("binds without a source")
		}
	})
}
