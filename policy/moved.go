package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// mostMoved things are named: a person reads them.
const mostMoved = 8

// Moved names what differs in what the fingerprints of two cases cover, from what to what;
// nothing where they are the same. The cause comes first, then the action.
func Moved(then, now Case) []string {
	was, is := printed(&then), printed(&now)
	names := slices.Collect(maps.Keys(was))
	for name := range is {
		if _, both := was[name]; !both {
			names = append(names, name)
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return was[n] == is[n] })
	slices.SortFunc(names, func(a, b string) int {
		if ra, rb := rank(a), rank(b); ra != rb {
			return ra - rb
		}
		return strings.Compare(a, b)
	})
	var moved []string
	for i, n := range names {
		if i == mostMoved {
			return append(moved, fmt.Sprintf("and %d more", len(names)-mostMoved))
		}
		moved = append(moved, fmt.Sprintf("%s: %s → %s", n, shown(was[n]), shown(is[n])))
	}
	return moved
}

// foremost are the beginnings of what a person reads first.
var foremost = []string{"health", "cause", "action", "target", "state of", "result of", "mode of", "file "}

func rank(name string) int {
	for i, f := range foremost {
		if strings.HasPrefix(name, f) {
			return i
		}
	}
	return len(foremost)
}

// shown shortens hashes: their first bytes tell them apart.
func shown(value string) string {
	if value == "" {
		return "nothing known"
	}
	words := strings.Split(value, " ")
	for i, w := range words {
		if len(w) >= 16 && strings.Trim(w, "0123456789abcdef") == "" {
			words[i] = w[:8]
		}
	}
	return strings.Join(words, " ")
}
