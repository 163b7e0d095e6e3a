// Package machine gives tests, the demo and benchmarks a real Debian machine to break.
//
// Mocks of systemd, nginx and gunicorn agree with whoever wrote them; the outages that gatemend mends
// live in what these three really do when they are killed, starved or misconfigured. So each machine
// here is a whole Debian: systemd as PID 1, D-Bus, journald, logind, nginx, gunicorn and Flask from
// the distribution's own packages, booted in about half a second and thrown away after.
//
// An image is built once by debootstrap ([Image]) and never written again. A machine is that image
// under an overlay whose upper half lives in memory, booted by systemd-nspawn with its own process,
// network, mount and host name spaces and its own control group:
//
//	func TestKilledMaster(t *testing.T) {
//		m := machine.Start(t, machine.Options{Deploy: machine.Unix})
//		m.Sh(t, "kill -9 $(systemctl show -P MainPID shop.service)")
//		...
//	}
//
// # Nothing stays behind
//
// The launcher is PID 1 of a PID namespace and owner of a mount namespace, and dies with the process
// that started it. The kernel then ends every process and undoes every mount of the machine, also when
// a test is killed with SIGKILL. What the kernel does not undo (empty control groups, one lock file)
// is removed by [Machine.Stop], or else by the next [Boot] on the host.
//
// # What differs from a server
//
// The clock, the kernel log and the load average are the host's. The network is a loopback and no
// more: every name resolves to the machine itself. Where the host has legacy control groups for
// memory and pids, the machine has none, so that memory.events does not exist there. The root file
// system is an overlay, whose inode numbers exceed 2^63: parse them unsigned.
package machine
