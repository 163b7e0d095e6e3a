package journal

import (
	"context"
	"path"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// before is how long ahead of a stop sudo's own line may be: systemctl connects and queues the job in
// well under a second, a password prompt comes before the line.
const before = detect.Span(10_000_000)

// Who gives the user whose sudo ran `systemctl stop` for the unit shortly before a stop, or "". It is
// known only where sudo logged it, and only for a person to read.
func Who(ctx context.Context, unit string, at detect.Time) string {
	entries, err := query(ctx, at.Add(-before), 200, "_COMM=sudo")
	if err != nil {
		return ""
	}
	return whoStopped(unit, at, entries)
}

func whoStopped(unit string, at detect.Time, entries []Entry) (who string) {
	for _, e := range entries {
		user, command, ok := sudoLine(e.Message)
		if ok && e.At <= at && stops(command, unit) {
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

func stops(command, unit string) bool {
	words := strings.Fields(command)
	if len(words) == 0 || path.Base(words[0]) != "systemctl" && path.Base(words[0]) != "service" {
		return false
	}
	var verb, name bool
	for _, w := range words[1:] {
		verb = verb || w == "stop" || w == "disable" || w == "mask"
		name = name || w == unit || w+".service" == unit
	}
	return verb && name
}
