package cli

import (
	"fmt"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/detect"
)

// inForce says by which configuration the agent goes. It is never changed in place.
type inForce struct {
	Path    string      `json:"path"`
	Hash    string      `json:"hash"`
	Since   detect.Time `json:"since"`
	By      string      `json:"by,omitempty"`      // who had it loaded, where that is known
	Refused []string    `json:"refused,omitempty"` // what is wrong with a newer one
	Asked   detect.Time `json:"asked,omitempty"`   // when that was refused
	Edited  bool        `json:"edited,omitempty"`  // the file differs from both: it waits for a reload
	newer   string      // the hash of what was refused
}

func (f *inForce) refused(r agent.Reloaded) *inForce {
	n := *f
	n.Refused, n.Asked, n.newer = r.Refused, r.At, r.After
	return &n
}

// now compares with what is on the disk.
func (f *inForce) now() *inForce {
	n := *f
	disk := hashOf(f.Path)
	n.Edited = disk != "" && disk != f.Hash && disk != f.newer
	return &n
}

// config shows what is to be known of the configuration: nothing, where the file is in force.
func (s sheet) config(f *inForce) {
	if f == nil {
		return
	}
	if len(f.Refused) > 0 {
		s.mark("", s.p.sign(bad), fmt.Sprintf("the configuration of %s was refused, that of %s is kept: gatemend check", clock(f.Asked), clock(f.Since)))
		for _, why := range f.Refused {
			s.mark("", " ", why)
		}
	}
	if f.Edited {
		s.mark("", s.p.sign(note), fmt.Sprintf("%s was edited and is not in force: systemctl reload gatemend", f.Path))
	}
}
