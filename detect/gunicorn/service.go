package gunicorn

import "github.com/gatemend/gatemend/detect"

// Service is what systemd starts.
type Service struct {
	Argv []string // of ExecStart=, with $NAME and ${NAME} as written
	Dir  string   // WorkingDirectory=; "" is /
	// Env looks a variable up in Environment= and EnvironmentFile=. Values are used to read settings
	// and go nowhere else.
	Env func(name string) (string, bool)
	// EnvUnknown tells that part of the environment could not be read: a variable that Env does not
	// find may be set all the same.
	EnvUnknown bool
	Listens    []detect.Target // of the .socket unit that activates it
}

// Files reads a file of the machine; nil reads none.
type Files func(path string) ([]byte, error)

// Told is what the server was told. Zero fields are unknown or not set.
type Told struct {
	Server      string // gunicorn, uwsgi, uvicorn, hypercorn, waitress, flask; "" when it is none we know
	Direct      bool   // the process that systemd starts becomes the server's master itself
	App         string // module:callable
	ConfigFile  string // gunicorn's, absolute, whether or not it could be read
	Binds       []detect.Target
	BindSource  string // argv, GUNICORN_CMD_ARGS, file:line, default, socket unit; set also when Binds is unknown
	Timeout     detect.Span
	WorkerClass string
	Umask       int // of the sockets it makes, gunicorn's own and not the unit's; -1 when unknown
	LogFiles    []string
}

// Read tells what the server of a service was told.
func Read(s Service, files Files) Told {
	if files == nil {
		files = func(string) ([]byte, error) { return nil, errNotRead }
	}
	if s.Env == nil {
		s.Env = func(string) (string, bool) { return "", false }
	}
	if s.Dir == "" {
		s.Dir = "/"
	}
	run := find(s, files)
	told := Told{Server: run.server, Direct: run.direct, Umask: -1}
	switch run.server {
	case "gunicorn":
		told = readGunicorn(told, run, s.EnvUnknown, files)
	case "flask":
		told.Binds, told.BindSource = flaskBind(run)
	case "uvicorn":
		told.Binds, told.BindSource = uvicornBind(run)
	}
	if len(s.Listens) > 0 && run.server != "flask" {
		told.Binds, told.BindSource = s.Listens, "socket unit"
	}
	return told
}
