// Package tail follows log files across every way in which they are rotated,
// without losing a line and without ever blocking on what is not a regular
// file.
//
// Written by the logs engineer.
package tail
