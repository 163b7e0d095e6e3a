// Package collect takes the snapshot that a diagnosis is made from: one [detect.Facts] of one route,
// read-only, everything at once, each part with its own deadline. What could not be learnt is named in
// Lacking, and never fails the rest.
//
// It goes in three steps, because some questions need an answer first: what the unit and nginx's
// configuration are; then everything that takes time, side by side (requests at two depths, journal,
// listeners, files, `nginx -t`); then what the first two gave reason to ask (the kernel's lines, who
// ran sudo, the things that log lines name, what changed since the baseline).
//
// After a crash this takes some 40 ms on two busy cores. Only a server that takes a connection and says nothing costs
// more: its answer is waited for, and its processes are looked at twice, a second apart.
package collect
