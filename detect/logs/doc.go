// Package logs is the sensor on log files: it follows nginx's error and access logs and the
// application's own log, reads what they say, remembers the last minutes of it as facts, and
// gives a trigger where a line is a reason to look.
//
// A line is never more than a reason: clients write much of nginx's lines and the app all of
// its own. Our own probes are recognised by their marker and count in nothing.
//
// One file is followed once, though several sites write to it. An error line names its server
// block and its upstream; an access line names neither unless its format begins with the host, so
// a shared access log counts for no site: another site's answers would hide an outage.
package logs
