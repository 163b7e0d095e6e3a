// Package discover finds the sites of a host, for `gatemend init`: from nginx's configuration to
// the upstream, from there to the process that listens, and from the process to its systemd unit.
//
// Finding is generous, managing is not. A route is offered for acting only when a system
// .service was found whose main process is the WSGI master that owns the listener, and nothing
// else listens from that unit: then starting or restarting it does what a person would do, and no
// more. Everything else (a container's proxy, supervisor, a shell, a user's own unit) is offered for observing,
// with the reason in words; and what was not understood at all becomes a note.
package discover
