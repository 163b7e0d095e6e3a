package journal

import (
	"strconv"

	"github.com/gatemend/gatemend/detect"
)

// near is how far apart the spawned child's last word and PID 1's word of its end may be.
const near = detect.Span(1_000_000)

// vouch believes a "Failed at step …" of unknown origin where PID 1 itself says, of the same unit at the
// same time, that the process ended with one of the statuses that systemd's own code gives (200 to 245,
// src/shared/exit-status.h). Of 24 failures at step CHDIR, which comes after User= was applied, 12 had
// lost their _EXE= and looked like the app's own (systemd 252 and 257). An app could still make this
// up, by ending with such a status: it would get a person called.
func vouch(entries []Entry) {
	for i := range entries {
		e := &entries[i]
		if e.MessageID != SpawnFailed || e.Source == detect.FromSystemd {
			continue
		}
		for _, o := range entries {
			if o.endsInSpawn(e.Fields["UNIT"]) && max(o.At.Sub(e.At), e.At.Sub(o.At)) < near {
				e.Source = detect.FromSystemd
				break
			}
		}
	}
}

func (e Entry) endsInSpawn(unit string) bool {
	status, err := strconv.Atoi(e.Fields["EXIT_STATUS"])
	return err == nil && status >= 200 && status <= 245 && e.MessageID == ProcessExit && e.ofUnit(unit)
}
