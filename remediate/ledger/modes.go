package ledger

import (
	"encoding/json"
	"path/filepath"
	"sync"

	"github.com/gatemend/gatemend/detect"
)

// Modes is what the sockets looked like when nginx's worker got through last: the newest, not the
// widest, so that who closes a socket a little is not undone.
type Modes struct {
	Dir  string // root's own
	mu   sync.Mutex
	have map[string]Seen
}

// Seen is one route's socket and the directory it is in.
type Seen struct {
	Socket detect.PathPart `json:"socket"`
	Dir    detect.PathPart `json:"dir"`
}

func key(site, route string) string { return site + " " + route } // a site's name holds no space

func (m *Modes) file() string { return filepath.Join(m.Dir, "modes.json") }

// Saw remembers a path that nginx's worker had just connected by. Only root calls it, with what
// it saw itself. It is lost where it cannot be written: then less is allowed.
func (m *Modes) Saw(site string, route detect.Route, path *detect.SocketPath) {
	n := len(path.Parts)
	if n < 2 || path.Last().Kind != "socket" || path.Last().Path != route.Target.Address || path.Last().Real != "" {
		return
	}
	now := Seen{Socket: rights(path.Parts[n-1]), Dir: rights(path.Parts[n-2])}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.load()
	if was, ok := m.have[key(site, route.Path)]; ok && was == now {
		return
	}
	m.have[key(site, route.Path)] = now
	if text, err := json.Marshal(m.have); err == nil {
		_ = replace(m.file(), text)
	}
}

// rights is the part of it that is remembered.
func rights(p detect.PathPart) detect.PathPart {
	return detect.PathPart{Path: p.Path, Kind: p.Kind, Mode: p.Mode, Group: p.Group, GID: p.GID, UID: p.UID}
}

// Last is what was seen of a route; nil when nothing was.
func (m *Modes) Last(site, route string) *Seen {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.load()
	if s, ok := m.have[key(site, route)]; ok {
		return &s
	}
	return nil
}

// load reads the file once. One that cannot be read allows nothing.
func (m *Modes) load() {
	if m.have != nil {
		return
	}
	m.have = map[string]Seen{}
	if text, err := readOwn(m.file()); err == nil && len(text) > 0 {
		if json.Unmarshal(text, &m.have) != nil || m.have == nil {
			m.have = map[string]Seen{}
		}
	}
}
