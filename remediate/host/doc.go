// Package host is the only package that changes the machine: the verbs of the root helper.
//
// A request names a site and a route; which unit, which socket and which directory that is comes
// from the configuration, and whether it may be touched is asked again here: the deny list, masks,
// routes that are only observed, jobs that are not ours, the widest mode that anything states. So
// whoever gets hold of the other end can ask for no more than a mad agent could.
//
// Units are driven by systemd's D-Bus interface, and this is its single writer. A connection is
// dialled for each effect: it costs about 2 ms, effects are rare, and there is nothing to
// reconnect after dbus was restarted. Modes are changed through a descriptor of the very thing
// that was checked, never by a path.
package host
