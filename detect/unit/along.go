package unit

import (
	"context"

	"github.com/gatemend/gatemend/detect"
)

var (
	// ties are the properties by which a stop or restart goes on to other units: the atoms
	// UNIT_ATOM_PROPAGATE_STOP and _RESTART of systemd's src/core/unit-dependency-atom.c.
	ties = []string{"ConsistsOf", "BoundBy", "RequiredBy", "PropagatesStopTo"}
	// conflicts are those by which a start stops other units, in either direction: UNIT_ATOM_PULL_IN_STOP
	// and _STOP_IGNORED.
	conflicts = []string{"Conflicts", "ConflictedBy"}
)

// most bounds the walk; a unit that takes more along than this is refused for those listed.
const most = 64

// shutdown is what every unit conflicts with. It is not active as long as anybody asks.
const shutdown = "shutdown.target"

// reached lists the active units that a stop would reach: those queued, and through them others.
func (b *Bus) reached(ctx context.Context, name string, queue []detect.Dependent) (along []detect.Dependent) {
	seen := map[string]bool{name: true, shutdown: true}
	for len(queue) > 0 && len(along) < most {
		d := queue[0]
		queue = queue[1:]
		if seen[d.Unit] {
			continue
		}
		seen[d.Unit] = true
		q, err := b.properties(ctx, d.Unit, "Unit")
		if err != nil {
			d.Active = "unknown" // which is not at rest: nobody knows what would become of it
			along = append(along, d)
			continue
		}
		if d.Active = q.text("ActiveState"); d.Active == "inactive" || d.Active == "failed" {
			continue
		}
		along = append(along, d)
		queue = append(queue, tied(q, ties)...)
	}
	return along
}

func tied(p properties, by []string) (units []detect.Dependent) {
	for _, key := range by {
		for _, name := range p.texts(key) {
			units = append(units, detect.Dependent{Unit: name, By: key})
		}
	}
	return units
}
