package diagnose

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// permissionGiven judges a document that tells the socket's mode but no refused connect: likely, not sure.
func permissionGiven(v *view) (*finding, string) {
	if !v.f.Offline || len(v.contacts()) > 0 {
		return nil, "the socket is not refused"
	}
	mode := v.given("socket_mode")
	if mode != "" && !othersWrite(mode) && !v.sharesGroup() {
		return found(detect.SocketPermission, 60).because("given", "socket mode %s, owner %s", mode, v.given("socket_owner")).
			advise("nginx's worker needs w on the socket: gunicorn --umask 007 with a shared group, or SocketMode="), ""
	}
	if u := v.unit; u != nil && u.BindMode != 0 && u.BindMode&0o2 == 0 && len(u.Binds) > 0 && u.Binds[0].IsUnix() && !strings.HasPrefix(u.Group, "www-data") {
		return found(detect.SocketPermission, 55).because("unit.umask", "gunicorn's --umask takes w from others").
			advise("nginx's worker must be in the socket's group, or --umask 0"), ""
	}
	if e := v.given("error"); mode != "" && strings.Contains(e, "permission denied") {
		return found(detect.SocketPermission, 50).because("given", "permission denied, socket mode %s", mode), ""
	}
	return nil, "the socket is not refused"
}

// sharesGroup tells that the socket's group is the worker's own name, as in shop:www-data.
func (v *view) sharesGroup() bool {
	_, group, ok := strings.Cut(v.given("socket_owner"), ":")
	worker := v.given("nginx_worker_user")
	return ok && worker != "" && group == worker
}

// directoryGiven judges a document that tells a directory's mode but no refused connect.
func directoryGiven(v *view) (*finding, string) {
	if !v.f.Offline || len(v.contacts()) > 0 {
		return nil, "the way is not shut"
	}
	if mode := v.given("dir_mode", "home_mode", "home_mode_502", "directory_mode"); mode != "" && !othersEnter(mode) && home(v.given("socket_path")+"/") {
		return found(detect.SocketDirPerm, 60).because("given", "directory mode %s on the way to %s", mode, v.given("socket_path")).
			advise("move the socket to /run by RuntimeDirectory=: a home directory stays shut"), ""
	}
	return nil, "the way is not shut"
}

// temporaryApart judges a socket below /tmp where either side has a /tmp of its own.
func temporaryApart(v *view) (*finding, string) {
	private := v.unit != nil && v.unit.PrivateTmp || strings.Contains(v.given("front_unit", "unit"), "privatetmp")
	path := v.given("socket_path")
	if n := v.f.Nginx; path == "" && n != nil && n.Disk != nil && len(n.Disk.Upstreams) > 0 && n.Disk.Upstreams[0].Target.IsUnix() {
		path = n.Disk.Upstreams[0].Target.Address
	}
	if path != "/tmp" && !strings.HasPrefix(path, "/tmp/") || v.given("socket_mode") != "" {
		return nil, "no line shows two different addresses"
	}
	f := found(detect.UpstreamMismatch, 45).because("given", "the socket lies in %s, which PrivateTmp= makes a different place for each unit", path)
	if private {
		f.Confidence = 65
	}
	return f.advise("move it out of /tmp: RuntimeDirectory= and a bind below /run"), ""
}
