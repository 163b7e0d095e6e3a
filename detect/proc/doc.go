// Package proc reads processes from /proc: those of a unit's control group, WSGI servers that
// run outside of every unit we know, nginx's master and workers, and who holds a package
// manager's lock or an open login session.
//
// A process can write anything into its own command line (gunicorn does, by setproctitle), so
// what is read is bounded and escaped, and a role is believed only together with what a process
// cannot choose: its control group, its parent, its user.
package proc
