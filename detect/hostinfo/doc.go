// Package hostinfo reads the state of the machine that explains why a web
// service on it fails: full disks, exhausted inodes, memory, the kernel's OOM
// killer, mandatory access control, descriptor limits.
//
// Written by the logs engineer.
package hostinfo
