package journal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/command"
)

// deadline of one query where the caller brings no nearer one: 10 ms is usual, 0.8 s was seen on a
// cold cache.
const deadline = 5 * time.Second

// Query gives the newest entries of a unit since a moment, at most max (1 to 10,000) of each kind,
// oldest first: what PID 1 says of it, what the spawned child said before it became the service, its
// core dumps, and the service's own output. An empty answer without an error means that the journal
// holds nothing, which proves nothing.
//
// What root alone can write is asked for by itself: else whoever writes enough, or long enough, lines
// of his own, pushes out PID 1's word that a person stopped the unit. Where the rest cannot be read, or
// not in time, that word is given with the error.
func Query(ctx context.Context, unit string, since detect.Time, max int) ([]Entry, error) {
	var all [2][]Entry
	var errs [2]error
	var both sync.WaitGroup
	for i, matches := range [][]string{rootsOwn(unit), anybodys(unit)} {
		both.Go(func() { all[i], errs[i] = query(ctx, since, max, matches...) })
	}
	both.Wait()
	entries := merged(all[0], all[1])
	vouch(entries)
	if err := errors.Join(errs[:]...); err != nil {
		return entries, fmt.Errorf("cannot read the journal of %q: %w", unit, err)
	}
	return entries, nil
}

// rootsOwn and anybodys together are what -u stands for (add_matches_for_unit in systemd's
// src/shared/logs-show.c), but of the entries that only claim to be about the unit, by UNIT=, none but
// the spawned child's: anybody can send one. sourceOf decides whom to believe.
func rootsOwn(unit string) []string {
	return []string{
		"_PID=1", "UNIT=" + unit, "+",
		"_UID=0", "UNIT=" + unit, "MESSAGE_ID=" + SpawnFailed, "+",
		"_UID=0", "COREDUMP_UNIT=" + unit,
	}
}

func anybodys(unit string) []string {
	return []string{"_SYSTEMD_UNIT=" + unit, "+", "UNIT=" + unit, "MESSAGE_ID=" + SpawnFailed}
}

// merged puts two answers in the order of time, what is in both once.
func merged(a, b []Entry) []Entry {
	seen := map[string]bool{}
	for _, e := range a {
		seen[e.Cursor] = e.Cursor != ""
	}
	for _, e := range b {
		if !seen[e.Cursor] {
			a = append(a, e)
		}
	}
	slices.SortStableFunc(a, func(x, y Entry) int { return cmp.Compare(x.At, y.At) })
	return a
}

// QueryKernel gives the newest lines of the kernel and of the audit system, at most max, oldest first.
func QueryKernel(ctx context.Context, since detect.Time, max int) ([]Entry, error) {
	entries, err := query(ctx, since, max, "_TRANSPORT=kernel", "+", "_TRANSPORT=audit")
	if err != nil {
		return entries, fmt.Errorf("cannot read the kernel's lines in the journal: %w", err)
	}
	return entries, nil
}

// query asks for the newest first: with --since, journalctl 252 counts --lines from the oldest.
func query(ctx context.Context, since detect.Time, max int, matches ...string) ([]Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	max = min(max, 10_000)
	args := []string{"--since=" + stamp(since), "--lines=" + strconv.Itoa(max)}
	out, err := command.Run(ctx, command.Journal, append(args, matches...)...)
	if err != nil {
		return nil, err
	}
	entries, err := read(bytes.NewReader(out.Stdout), out.Truncated)
	if err == nil {
		err = complaint(out, len(entries))
	}
	slices.Reverse(entries)
	return entries, err
}

// stamp writes a moment as journalctl reads it (systemd.time(7)), to the microsecond.
func stamp(t detect.Time) string {
	return fmt.Sprintf("@%d.%06d", t/1_000_000, t%1_000_000)
}

// complaint tells a failure from an empty answer: journalctl exits with 1 for "no entries" on some
// versions, and says on stderr why it opened no file.
func complaint(out command.Output, entries int) error {
	text := strings.TrimSpace(string(out.Stderr))
	switch {
	case strings.Contains(text, "insufficient permissions"):
		return fmt.Errorf("no permission: add the agent's user to the group systemd-journal")
	case entries == 0 && out.Code != 0 && text != "":
		return fmt.Errorf("journalctl ended with status %d: %q", out.Code, bound(text, 300))
	}
	return nil
}
