package collect

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/look"
)

// fingerprint is what a file looked like: its words are those of look.Looker's Fingerprints.
type fingerprint struct {
	text       string // as it stands: "missing", "unreadable", "not a file" where it is none
	mtime      detect.Time
	size, hash string
	names      []string // of an environment file: the variables that it sets
}

// parsePrint reads "mtime size hash", and behind it the names of an environment file.
func parsePrint(text string) fingerprint {
	p := fingerprint{text: text}
	parts := strings.Split(text, " ")
	if len(parts) < 3 {
		return p
	}
	mtime, err := strconv.ParseInt(parts[0], 10, 64)
	if _, bad := strconv.ParseUint(parts[1], 10, 63); err != nil || bad != nil {
		return p
	}
	p.mtime, p.size, p.hash = detect.Time(mtime), parts[1], parts[2]
	if len(parts) > 3 && parts[3] != "" {
		p.names = strings.Split(parts[3], ",")
	}
	return p
}

// same tells equal content: a file that was touched is not a change.
func (p fingerprint) same(other fingerprint) bool {
	if p.hash == "" || other.hash == "" {
		return p.text == other.text
	}
	return p.size == other.size && p.hash == other.hash
}

// inWords shows no hash: a person reads it.
func (p fingerprint) inWords() string {
	if p.hash == "" {
		return p.text
	}
	return p.size + " bytes"
}

// changedFiles compares fingerprints by path.
func changedFiles(before, now map[string]string, u *detect.Unit) (found []detect.Change) {
	for path, then := range before { // a file that is no longer part of the unit is the unit's change
		was, is := parsePrint(then), parsePrint(now[path])
		if _, ok := now[path]; ok && !is.same(was) {
			found = append(found, fileChange(path, was, is, u))
		}
	}
	for path, is := range now {
		if _, ok := before[path]; !ok {
			found = append(found, fileChange(path, parsePrint("missing"), parsePrint(is), u))
		}
	}
	return found
}

func fileChange(path string, was, is fingerprint, u *detect.Unit) detect.Change {
	c := detect.Change{What: kindOf(path, u), Name: path, Before: was.inWords(), After: is.inWords()}
	if is.hash != "" {
		c.At = max(is.mtime, look.Changed(path))
	}
	if was.names != nil && is.hash != "" {
		c.Lost, c.Gained = without(was.names, is.names), without(is.names, was.names)
	}
	return c
}

// without is what is in all and not in some.
func without(all, some []string) (left []string) {
	for _, s := range all {
		if !slices.Contains(some, s) {
			left = append(left, s)
		}
	}
	return left
}
