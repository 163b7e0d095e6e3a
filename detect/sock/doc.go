// Package sock looks at the place where nginx and gunicorn meet: the socket's path with each
// directory on it, who listens where and how long the queue is, and, as a sensor, what happens
// to the path.
//
// Two views are kept apart. A path is what nginx would find, walked with lstat only. A listener
// is what the kernel has, by sock_diag(7), whatever its path says now: a second gunicorn steals
// a path without any error, and the first goes on listening on a socket that nobody can reach.
// The inode that a listener is bound to tells the two apart.
package sock
