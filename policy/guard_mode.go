package policy

import (
	"strconv"

	"github.com/gatemend/gatemend/detect"
)

// modeSafe is promise 11: back to what is stated, never wider, on the very thing that is
// meant, never changing an owner. The verb checks all of it again by descriptor.
func modeSafe(t *turn) verdict {
	if !t.act.Verb.in(setsMode) {
		return notConcerned()
	}
	p, kind, s, known := t.f.Path.Last(), "socket", stated{}, false
	if t.act.Verb == FixDirMode {
		p, kind = dirPart(t.d, t.f), "dir"
	}
	if p != nil {
		s, known = socketStated(t.f)
		if t.act.Verb == FixDirMode {
			s, known = dirStated(t.f, p.Path)
		}
	}
	switch {
	case p == nil || !known || t.act.Mode <= 0:
		return never(ModeUnknown, "nothing states which mode to restore")
	case t.act.Mode&^s.mode != 0 || t.act.Mode&^0o777 != 0:
		return never(ModeUnknown, "mode %04o would be wider than the %04o of %s", t.act.Mode, s.mode, s.by)
	case p.Kind != kind || kind == "socket" && p.Path != t.f.Path.Path:
		return never(ModeUnknown, "%s is a %s, not a %s", p.Path, p.Kind, kind)
	case kind == "socket" && p.Links > 1:
		return never(ModeUnknown, "%s has %d links, so it is not only the unit's", p.Path, p.Links)
	case !ownedByUnit(p, kind, t.f):
		return never(ModeUnknown, "%s belongs to uid %d, who is not the unit's user", p.Path, p.UID)
	}
	return passes("mode %04o is that of %s", t.act.Mode, s.by)
}

// ownedByUnit: UID is -1 where nothing ran yet, which then matches root only. What root owns beside a unit
// that has a user of its own was moved there, unless it is the socket, and systemd makes that for root.
func ownedByUnit(p *detect.PathPart, kind string, f *detect.Facts) bool {
	if p.UID == 0 && (f.Unit == nil || f.Unit.UID <= 0 || kind == "socket" && f.Socket != nil && f.Socket.SocketUser == "") {
		return true
	}
	return f.Unit != nil && f.Unit.UID > 0 && p.UID == f.Unit.UID || kind == "socket" && socketUsers(p, f.Socket)
}

// socketUsers tells whether the file belongs to whom the .socket unit makes it for: SocketUser=,
// by name or number.
func socketUsers(p *detect.PathPart, s *detect.Unit) bool {
	return s != nil && s.SocketUser != "" && (s.SocketUser == p.Owner || s.SocketUser == strconv.Itoa(p.UID))
}

// memoryKnown: the table's condition asks whether memory is short; a decision also wants
// to know.
func memoryKnown(t *turn) verdict {
	if t.d.Cause != detect.WorkerOOM {
		return notConcerned()
	}
	h := t.f.Host
	if h == nil || h.MemTotal <= 0 {
		return refuses(early, FactsLacking, add(t.now(), secondLook), "the machine's free memory is not known")
	}
	return passes("%d of %d MiB of memory are free", h.MemFree>>20, h.MemTotal>>20)
}
