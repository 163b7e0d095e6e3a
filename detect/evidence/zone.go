package evidence

import (
	"time"

	"github.com/gatemend/gatemend/detect/nginxlog"
)

// zone is what nginx's error log was written in: its own lines name none, those of the access log do. The
// machine that reads a document may be in another one.
func (d *document) zone() *time.Location {
	for _, line := range d.NginxAccess {
		if loc, ok := nginxlog.Zone([]byte(line)); ok {
			return loc
		}
	}
	return time.Local
}
