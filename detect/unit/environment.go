package unit

import (
	"os"
	"strings"

	"github.com/gatemend/gatemend/detect/envfile"
)

// environment is what a service will find set, for reading its server's settings. It never leaves
// this package.
type environment struct {
	values  map[string]string
	unknown bool // a file could not be read
}

func (e environment) get(name string) (string, bool) {
	v, ok := e.values[name]
	return v, ok
}

// names are those that are set, by Environment= or a file, in order.
func (e environment) names() []string { return envfile.Names(e.values) }

// readEnvironment puts the files over Environment=, as systemd does (systemd.exec(5)).
func readEnvironment(p properties) environment {
	e := environment{values: map[string]string{}}
	for _, a := range p.texts("Environment") {
		name, value, _ := strings.Cut(a, "=")
		e.values[name] = value
	}
	for _, path := range envFiles(p) {
		path, optional := strings.CutPrefix(path, "-")
		text, err := readFile(path)
		switch {
		case err == nil:
			envfile.Parse(string(text), e.values)
		case !optional || !os.IsNotExist(err):
			e.unknown = true
		}
	}
	return e
}
