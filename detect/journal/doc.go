// Package journal asks the journal, once, what it holds of a unit.
//
// D-Bus tells within milliseconds that a unit changed; the journal tells why, and is asked at that
// moment: a query 5 ms after the signal had every line, while a follower (`journalctl -f`) lags by
// 126 to 485 ms because journald coalesces its wake-ups.
//
// What a unit's entries are is decided by fields, not by journalctl's -u: the child that PID 1 forks
// reports "Failed at step EXEC spawning …" itself, and on systemd 252 and 257 about one in four and
// one in ten of those entries carried no _SYSTEMD_UNIT=, so that -u lost the one line that names the
// path. They do carry UNIT=.
//
// Any program can send an entry with UNIT= and MESSAGE_ID= fields of its choice (sd_journal_send(3)).
// Fields with a leading underscore are journald's own, and only those decide whom an [Entry] is from.
//
// An absent line proves nothing: journald drops what exceeds its rate limit.
package journal
