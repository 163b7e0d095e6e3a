// Package hostinfo reads what all sites of a host share and can lose together: disk space and
// inodes, memory and what the kernel killed for it, descriptors of nginx's worker, and whether
// a mandatory access control is on.
package hostinfo
