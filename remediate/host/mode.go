package host

import (
	"context"
	"fmt"
	"os/user"
	"path"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/remediate"
	"github.com/gatemend/gatemend/remediate/ledger"
)

// setMode restores the mode, and the group where one is asked for, of the route's socket or of the
// unit's runtime directory that holds it.
func (h *Host) setMode(ctx context.Context, b *bus, r remediate.Request, p place) (remediate.Result, error) {
	u, err := b.readable(ctx, p.unit)
	if err != nil {
		return remediate.Result{}, err
	}
	w := want{mode: uint32(r.Mode), gid: keepGroup, kind: kindSocket, path: p.file}
	limits := h.socketBounds(ctx, u, p)
	if r.On == remediate.OnDir {
		w.kind = kindDir
		if w.path, err = runtimeDir(u, p.route.Target.Address); err != nil {
			return remediate.Result{}, err
		}
		limits = h.dirBounds(u, p, w.path)
	}
	if err := within(limits, r); err != nil {
		return remediate.Result{}, err
	}
	if w.gid, err = groupID(r.Group); err != nil {
		return remediate.Result{}, err
	}
	if w.owners, err = owners(u); err != nil {
		return remediate.Result{}, err
	}
	before, after, err := w.set()
	return remediate.Result{Before: before, After: after}, err
}

// bound is one statement of how far a file may be opened: by a unit, or by what root itself saw
// while nginx's worker got through. What the agent remembers is none.
type bound struct {
	mode  int
	group string
}

func (h *Host) seen(p place) *ledger.Seen {
	if h.Seen == nil {
		return nil
	}
	return h.Seen(p.site.Name, p.route.Path)
}

func (h *Host) socketBounds(ctx context.Context, u unit, p place) (out []bound) {
	if s := h.seen(p); s != nil && s.Socket.Path == p.file {
		out = append(out, bound{s.Socket.Mode, s.Socket.Group})
	}
	if strings.HasSuffix(u.name, ".socket") {
		return append(out, bound{int(number(u.props, "SocketMode")), text(u.props, "SocketGroup")})
	}
	return append(out, h.serversOwn(ctx, u)...)
}

// serversOwn is the mode that gunicorn itself gives its socket at every start, by its --umask:
// a restart would open it as far.
func (h *Host) serversOwn(ctx context.Context, u unit) []bound {
	if h.Units == nil {
		return nil
	}
	told, err := h.Units.Unit(ctx, u.name)
	if err != nil || told.BindMode == 0 {
		return nil
	}
	return []bound{{told.BindMode, text(u.props, "Group")}}
}

func (h *Host) dirBounds(u unit, p place, dir string) []bound {
	out := []bound{{int(number(u.props, "RuntimeDirectoryMode")), text(u.props, "Group")}}
	if s := h.seen(p); s != nil && s.Dir.Path == dir {
		out = append(out, bound{s.Dir.Mode, s.Dir.Group})
	}
	return out
}

// within errs unless one statement allows both the mode and the group.
func within(limits []bound, r remediate.Request) error {
	for _, b := range limits {
		if r.Mode&^b.mode == 0 && (r.Group == "" || r.Group == b.group) {
			return nil
		}
	}
	return fmt.Errorf("mode %04o group %q is wider than what the unit states, or than what nginx was seen to get through", r.Mode, r.Group)
}

// runtimeDir is the innermost RuntimeDirectory= of the unit above the socket; no other directory
// is ever opened.
func runtimeDir(u unit, socket string) (string, error) {
	found := ""
	for _, name := range texts(u.props, "RuntimeDirectory") {
		dir := path.Join("/run", path.Clean("/"+name))
		if dir != "/run" && strings.HasPrefix(socket, dir+"/") && len(dir) > len(found) {
			found = dir
		}
	}
	if found == "" {
		return "", fmt.Errorf("%q is in no RuntimeDirectory= of %s", socket, u.name)
	}
	return found, nil
}

// groupID finds the group's number; "" keeps the group.
func groupID(name string) (int, error) {
	if name == "" {
		return keepGroup, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, fmt.Errorf("group %q: %w", name, err)
	}
	return strconv.Atoi(g.Gid)
}

// owners is whom a socket or directory of the unit belongs to: the unit's own user, and root only where it
// has none. What is root's in a directory of the app's user was moved there: it is not the unit's.
func owners(u unit) ([]uint32, error) {
	const unset = 1<<32 - 1 // UID= of a service that never ran
	name := text(u.props, "User")
	if strings.HasSuffix(u.name, ".socket") {
		name = text(u.props, "SocketUser") // its User= is for the commands that it runs
	} else if uid := number(u.props, "UID"); uid != unset && uid != 0 {
		return []uint32{uint32(uid)}, nil
	}
	if name == "" {
		return []uint32{0}, nil
	}
	who, err := user.Lookup(name)
	if err != nil {
		who, err = user.LookupId(name) // systemd takes a number too
	}
	if err != nil {
		return nil, fmt.Errorf("user %q: %w", name, err)
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	return []uint32{uint32(uid)}, err
}
