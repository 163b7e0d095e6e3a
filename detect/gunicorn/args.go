package gunicorn

import "strings"

// setting is one of gunicorn's settings as one source gives it.
type setting struct {
	values []string
	where  string
	opaque bool // set, to something that text does not tell
}

func (s setting) last() string {
	if s.opaque || len(s.values) == 0 {
		return ""
	}
	return s.values[len(s.values)-1]
}

// settings of one source, by gunicorn's own names.
type settings map[string]setting

// over puts s on top of lower: a setting is replaced as a whole.
func (s settings) over(lower settings) settings {
	all := settings{}
	for name, v := range lower {
		all[name] = v
	}
	for name, v := range s {
		all[name] = v
	}
	return all
}

// optionNames maps the options that are read to settings (gunicorn/config.py).
var optionNames = map[string]string{
	"-b": "bind", "--bind": "bind", "-c": "config", "--config": "config", "--chdir": "chdir",
	"-t": "timeout", "--timeout": "timeout", "-k": "worker_class", "--worker-class": "worker_class",
	"--threads": "threads", "-m": "umask", "--umask": "umask",
	"--error-logfile": "errorlog", "--log-file": "errorlog", "--access-logfile": "accesslog",
}

// flags are the options without a value; every other one takes the next word. From config.py of
// gunicorn 20.1 to 25.3.
var flags = map[string]bool{
	"--reload": true, "--spew": true, "--check-config": true, "--print-config": true, "--preload": true,
	"--no-sendfile": true, "--reuse-port": true, "-D": true, "--daemon": true, "--initgroups": true,
	"--disable-redirect-access-to-syslog": true, "--capture-output": true, "--log-syslog": true,
	"-R": true, "--enable-stdio-inheritance": true, "--proxy-protocol": true, "--suppress-ragged-eofs": true,
	"--do-handshake-on-connect": true, "--strip-header-spaces": true, "--tolerate-dangerous-framing": true,
	"--permit-obsolete-folding": true, "--permit-unconventional-http-method": true,
	"--permit-unconventional-http-version": true, "--casefold-http-method": true, "--no-control-socket": true,
}

// parseArgs reads words as gunicorn's command line. The application is the first word that is
// neither an option nor one's value.
func parseArgs(words []string, where string) settings {
	s := settings{}
	for i := 0; i < len(words); i++ {
		w := words[i]
		if w == "--" {
			continue
		}
		if !strings.HasPrefix(w, "-") || w == "-" {
			if _, ok := s["app"]; !ok {
				s["app"] = setting{values: []string{w}, where: where}
			}
			continue
		}
		option, value, joined := splitOption(w)
		if !joined && !flags[option] && i+1 < len(words) {
			i++
			value = words[i]
		}
		if name := optionNames[option]; name != "" {
			s[name] = setting{values: append(s[name].values, value), where: where}
		}
	}
	return s
}

// splitOption reads --name=value, -nVALUE and -n.
func splitOption(w string) (option, value string, joined bool) {
	if strings.HasPrefix(w, "--") {
		return strings.Cut(w, "=")
	}
	if len(w) > 2 {
		return w[:2], strings.TrimPrefix(w[2:], "="), true
	}
	return w, "", false
}
