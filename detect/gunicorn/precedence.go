package gunicorn

import (
	"path"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/shlex"
)

// defaultTimeout is gunicorn's --timeout, in microseconds.
const defaultTimeout = detect.Span(30_000_000)

// readGunicorn puts the sources on top of one another, in gunicorn's order.
func readGunicorn(t Told, c command, envUnknown bool, files Files) Told {
	argv := parseArgs(c.args, "argv")
	env := c.environment(envUnknown)
	file, conf := c.configFile(argv, env, files)
	all := argv.over(env).over(conf).over(c.defaults(envUnknown))

	t.ConfigFile = file
	t.App = all["app"].last()
	if t.App == "" {
		t.App = all["wsgi_app"].last()
	}
	t.Timeout = timeout(all["timeout"])
	t.WorkerClass = workerClass(all["worker_class"], all["threads"])
	t.Umask = umask(all["umask"])
	dir := c.dir
	if d := all["chdir"].last(); d != "" {
		dir = join(dir, d)
	}
	t.Binds = addresses(all["bind"], dir)
	t.BindSource = all["bind"].where
	t.LogFiles = logFiles(dir, all["errorlog"], all["accesslog"])
	return t
}

// environment is GUNICORN_CMD_ARGS. Where part of the environment is not known, it may set anything.
func (c *command) environment(unknown bool) settings {
	const name = "GUNICORN_CMD_ARGS"
	text, ok := c.get(name)
	if !ok && unknown {
		return settings{"bind": {where: "an environment file that cannot be read", opaque: true}}
	}
	words, err := shlex.Split(text)
	if err != nil {
		return settings{"bind": {where: name, opaque: true}}
	}
	s := parseArgs(words, name)
	delete(s, "app") // "args" of the environment are not taken
	return s
}

func (c *command) defaults(envUnknown bool) settings {
	bind := setting{values: []string{"127.0.0.1:8000"}, where: "default"}
	if port, ok := c.get("PORT"); ok {
		bind = setting{values: []string{"0.0.0.0:" + port}, where: "PORT"}
	}
	return settings{
		"bind":         bind,
		"timeout":      {values: []string{"30"}, where: "default"},
		"worker_class": {values: []string{"sync"}, where: "default"},
		"umask":        {values: []string{"0"}, where: "default"},
	}
}

// configFile reads the one file in effect: gunicorn looks for ./gunicorn.conf.py before --chdir counts.
func (c *command) configFile(argv, env settings, files Files) (string, settings) {
	name, asked := argv["config"].last(), true
	if name == "" {
		name = env["config"].last()
	}
	if name == "" {
		name, asked = "./gunicorn.conf.py", false
	}
	if module, ok := strings.CutPrefix(name, "python:"); ok {
		name = strings.ReplaceAll(module, ".", "/") + ".py"
	}
	file := join(c.dir, strings.TrimPrefix(name, "file:"))
	text, err := files(file)
	switch {
	case err == nil:
		return file, parseConfig(string(text), file)
	case asked:
		return file, settings{"bind": {where: file, opaque: true}}
	}
	return "", nil
}

func timeout(s setting) detect.Span {
	n, err := strconv.Atoi(s.last())
	switch {
	case err != nil:
		return 0
	case n == 0:
		return detect.Forever
	}
	return detect.Span(n) * 1_000_000
}

// umask reads as auto_int in gunicorn/config.py does: 0o27, 027 and 23 are the same.
func umask(s setting) int {
	n, err := strconv.ParseInt(s.last(), 0, 32)
	if err != nil || n < 0 {
		return -1
	}
	return int(n)
}

// workerClass is the class in effect: sync workers with threads are gthread workers.
func workerClass(class, threads setting) string {
	n, _ := strconv.Atoi(threads.last())
	if class.last() == "sync" && n > 1 {
		return "gthread"
	}
	return class.last()
}

// logFiles keeps what is a file: "-" is the journal, None nothing.
func logFiles(dir string, logs ...setting) (paths []string) {
	for _, s := range logs {
		if name := s.last(); name != "" && name != "-" {
			paths = append(paths, path.Clean(join(dir, name)))
		}
	}
	return paths
}
