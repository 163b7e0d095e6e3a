package journal

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// before is how long ahead of a stop sudo's own line may be: systemctl connects and queues the job in
// well under a second, a password prompt comes before the line.
const before = detect.Span(10_000_000)

// Who gives the user whose sudo ran `systemctl stop` for the unit shortly before a stop, or "". It is
// known only where sudo logged it, and only for a person to read.
func Who(ctx context.Context, unit string, at detect.Time) string {
	return who(ctx, unit, at, stops)
}

// WhoReloaded is [Who] for `systemctl reload`.
func WhoReloaded(ctx context.Context, unit string, at detect.Time) string {
	return who(ctx, unit, at, reloads)
}

// What systemctl is told for it.
var (
	stops   = []string{"stop", "disable", "mask"}
	reloads = []string{"reload", "reload-or-restart", "try-reload-or-restart", "force-reload"}
)

func who(ctx context.Context, unit string, at detect.Time, verbs []string) string {
	entries, err := query(ctx, at.Add(-before), 200, bySudo...)
	if err != nil {
		return ""
	}
	return whoAsked(unit, at, entries, verbs)
}

// bySudo is sudo itself, by the program that journald read from /proc/PID/exe: a process can give itself any
// name (_COMM=), and another person's with it.
var bySudo = []string{"_EXE=/usr/bin/sudo", "+", "_EXE=/usr/local/bin/sudo", "+", "_COMM=sudo", "_UID=0"}

func whoAsked(unit string, at detect.Time, entries []Entry, verbs []string) (who string) {
	for _, e := range entries {
		user, command, ok := sudoLine(e.Message)
		if ok && e.At <= at && asks(command, unit, verbs) {
			who = user
		}
	}
	return who
}

// sudoLine reads "   alice : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/systemctl stop shop".
func sudoLine(s string) (user, command string, ok bool) {
	user, rest, ok := strings.Cut(s, " : ")
	_, command, found := strings.Cut(rest, "COMMAND=")
	user = strings.TrimSpace(user)
	return user, command, ok && found && user != "" && !strings.ContainsAny(user, " \t")
}

func asks(command, unit string, verbs []string) bool {
	words := strings.Fields(command)
	if len(words) == 0 || path.Base(words[0]) != "systemctl" && path.Base(words[0]) != "service" {
		return false
	}
	var verb, name bool
	for _, w := range words[1:] {
		verb = verb || slices.Contains(verbs, w)
		name = name || w == unit || w+".service" == unit
	}
	return verb && name
}
