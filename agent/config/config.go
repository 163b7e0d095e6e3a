package config

import (
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// Path is where the configuration is looked for.
const Path = "/etc/gatemend/gatemend.yaml"

// Config is a validated configuration. It is read only, and safe to share.
type Config struct {
	Path   string
	Policy policy.Settings
	Verify Verify
	Remind []detect.Span // after the first message, rising
	Notify []Notify
	Sites  []detect.Site // in the order of the file

	text   string           // the file, for excerpts of what Check finds
	places map[string]place // of units and targets
}

// Verify says what proves a recovery: Passes good answers in a row, spread over Over.
type Verify struct {
	Passes int
	Over   detect.Span
}

// place is where a value stands in the file.
type place struct{ line, column int }

// Site finds a site by its name.
func (c *Config) Site(name string) (detect.Site, bool) {
	for _, s := range c.Sites {
		if s.Name == name {
			return s, true
		}
	}
	return detect.Site{}, false
}

// defaults is the configuration of an empty file.
func defaults(path string) *Config {
	return &Config{
		Path:   path,
		Policy: policy.Defaults(),
		Verify: Verify{Passes: 3, Over: 10 * second},
		Remind: []detect.Span{15 * minute, hour, 4 * hour, 24 * hour},
		places: map[string]place{},
	}
}
