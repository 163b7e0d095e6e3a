// Package tail follows log files across every way in which they are rotated, without losing a
// line and without ever blocking on what is not a regular file.
//
//   - Rename and create (logrotate's default): nginx writes to the old inode until it gets
//     USR1, its workers reopen one after the other, and a failed postrotate leaves it there for
//     days. So an old file stays open, and is read, until its successor has bytes and it has
//     been quiet for minutes itself.
//   - Copy and truncate: a file that is shorter than what was read, or begins with other bytes,
//     was truncated, even if it has grown past the offset since. What was written between the
//     last look and the truncation cannot be known: that is counted.
//   - Missing, removed, made anew, the directory gone and back, a link turned elsewhere: the
//     path is looked at every time.
//
// A file that came and went between two looks is not seen. Looks follow an inotify event at
// once and then every 50 ms at most; without events there is one every 30 s.
package tail
