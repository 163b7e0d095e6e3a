package unit

import (
	"context"

	"github.com/gatemend/gatemend/detect"
)

// ties are the properties by which a stop or restart goes on to other units: the atoms
// UNIT_ATOM_PROPAGATE_STOP and _RESTART of systemd's src/core/unit-dependency-atom.c.
var ties = []string{"ConsistsOf", "BoundBy", "RequiredBy", "PropagatesStopTo"}

// most bounds the walk; a unit that takes more along than this is refused for those listed.
const most = 64

// takenAlong lists the active units that a stop or restart of name would reach, also through others.
func (b *Bus) takenAlong(ctx context.Context, name string, p properties) (along []detect.Dependent) {
	seen := map[string]bool{name: true}
	queue := tied(p)
	for len(queue) > 0 && len(along) < most {
		d := queue[0]
		queue = queue[1:]
		if seen[d.Unit] {
			continue
		}
		seen[d.Unit] = true
		q, err := b.properties(ctx, d.Unit, "Unit")
		if err != nil {
			continue
		}
		if d.Active = q.text("ActiveState"); d.Active == "inactive" || d.Active == "failed" {
			continue
		}
		along = append(along, d)
		queue = append(queue, tied(q)...)
	}
	return along
}

func tied(p properties) (units []detect.Dependent) {
	for _, by := range ties {
		for _, name := range p.texts(by) {
			units = append(units, detect.Dependent{Unit: name, By: by})
		}
	}
	return units
}
