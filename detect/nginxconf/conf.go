package nginxconf

import (
	"path"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Conf is one configuration, as it was dumped or as it is on disk. It is read only, and
// safe to share.
type Conf struct {
	// Refused is why nginx does not take what the files say; nil where it does, or was not asked.
	Refused *detect.ConfTest

	top       *directive
	main      string
	hash      string
	files     []string
	globs     []string
	problems  []string
	build     Build
	servers   []*server
	upstreams map[string]*directive
	formats   map[string]string // log_format
}

// Hash identifies the whole text, comments included.
func (c *Conf) Hash() string { return c.hash }

// Files lists every file that was read, the main file first.
func (c *Conf) Files() []string { return slices.Clone(c.files) }

// Dirs lists the directories in which a new or removed file changes the configuration:
// those of the files, and those that an include with a pattern looks into.
func (c *Conf) Dirs() []string {
	var out []string
	for _, f := range c.files {
		out = append(out, path.Dir(f))
	}
	out = append(out, c.globs...)
	slices.Sort(out)
	return slices.Compact(out)
}

// Problems lists what could not be read, as "file: line N: why", at most twenty.
func (c *Conf) Problems() []string { return slices.Clone(c.problems) }

// User is whom the workers run as.
func (c *Conf) User() string {
	if d := c.top.first("user"); d != nil && d.arg(0) != "" {
		return d.arg(0)
	}
	return c.build.User
}

// collect finds the parts that are asked for again and again.
func (c *Conf) collect() {
	c.upstreams, c.formats = map[string]*directive{}, map[string]string{}
	for _, http := range c.top.all("http") {
		for _, d := range http.block {
			switch d.name {
			case "upstream":
				c.upstreams[strings.ToLower(d.arg(0))] = d
			case "log_format":
				c.formats[d.arg(0)] = formatText(d.args)
			case "server":
				if d.block != nil {
					c.servers = append(c.servers, newServer(http, d))
				}
			}
		}
	}
}
