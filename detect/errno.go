package detect

import "syscall"

// outcomes follows connect(2) and unix(7); each was seen with nginx's own lines.
var outcomes = map[syscall.Errno]Outcome{
	syscall.ENOENT:       Missing,
	syscall.ECONNREFUSED: Refused, // also a regular file in the socket's place
	syscall.EACCES:       Denied,
	syscall.EPERM:        Denied,
	syscall.EAGAIN:       Backlog,
	syscall.ENETUNREACH:  Unreachable,
	syscall.EHOSTUNREACH: Unreachable,
	syscall.ENETDOWN:     Unreachable,
	syscall.ENOTDIR:      BadPath,
	syscall.ELOOP:        BadPath,
	syscall.ENAMETOOLONG: BadPath,
	syscall.EPROTOTYPE:   BadPath, // a datagram socket
	syscall.EINVAL:       BadPath, // a unix path of more than 107 bytes
	syscall.ECONNRESET:   Reset,
	syscall.EPIPE:        Reset,
	syscall.ECONNABORTED: Reset,
	syscall.ETIMEDOUT:    TimedOut,
	// Our own shortage says nothing about the endpoint.
	syscall.EMFILE: NotAsked, syscall.ENFILE: NotAsked,
	syscall.ENOMEM: NotAsked, syscall.ENOBUFS: NotAsked,
}

// OutcomeOf classifies the errno of a connect, a read or a write on a connection; 0 is
// Connected, and one that is not in the table Unreachable.
func OutcomeOf(errno syscall.Errno) Outcome {
	if errno == 0 {
		return Connected
	}
	if o, ok := outcomes[errno]; ok {
		return o
	}
	return Unreachable
}
