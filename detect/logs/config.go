package logs

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/watch"
)

// Config is what the sensor needs. Its functions are called from several goroutines.
type Config struct {
	Sites   []Site
	Watcher *watch.Watcher
	// Ours tells a marker that one of our probes sent, see probe.NewMarker. A client can write
	// any marker it likes, but cannot guess one.
	Ours func(marker string) bool
	// Served is told of a real client's request that was answered below 500, by the app as far
	// as the log can tell. Route is the path of one of the site's routes.
	Served func(site, route string, at detect.Time)
	// Report is told, for a person, when a log cannot be followed or lines were lost.
	Report func(text string)
	Before *Sensor // the one that this one replaces, whose lines it keeps; nil: none
}

// Site is a site with its logs. A path that is not absolute ("off", "syslog:…", "stderr") is
// not followed.
type Site struct {
	detect.Site
	Names        []string // all names of the server block: error lines carry the first, which need not be Server
	ErrorLog     string
	AccessLog    string
	AccessFormat string   // the log_format's text; "" is combined
	AccessShared bool     // servers that are no site of ours write to AccessLog too
	AppLogs      []string // gunicorn's --error-logfile, StandardError=append:
}

// named tells whether the server block has that name.
func (s *Site) named(name string) bool {
	if name == "" {
		return false
	}
	for _, n := range s.Names {
		if n == name {
			return true
		}
	}
	return name == s.Server
}

// route is the path of the route that serves a request.
func (s *Site) route(path string) (string, bool) {
	best, found := "", false
	for _, r := range s.Routes {
		if strings.HasPrefix(path, r.Path) && len(r.Path) >= len(best) {
			best, found = r.Path, true
		}
	}
	return best, found
}

// followed tells a log file from the other values of error_log and access_log.
func followed(path string) bool { return strings.HasPrefix(path, "/") }
