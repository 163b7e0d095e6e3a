package cli

import (
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// mark is the state of one line of the checklist.
type mark string

const (
	good    mark = "ok"      // ✓
	bad     mark = "bad"     // ✗
	unknown mark = "unknown" // ?, not learnt: never counts as good
	note    mark = "note"    // ·, worth knowing, neither good nor bad
)

// item is one line of the checklist: what was looked at, how it is, the evidence.
type item struct {
	Mark mark   `json:"mark"`
	What string `json:"what"`
	Seen string `json:"seen"`
}

// checklist walks the path of a request from the outside in, as the guide does by hand.
func checklist(f *detect.Facts) []item {
	var l []item
	for _, layer := range []func(*detect.Facts) []item{
		nginxTest, nginxState, unitState, unitLoaded, targetEqualsBind, socketFile, listeners, workerMay,
		directRequest, publicRequest, outsideRequest, processes, strays, changes, lines, notLearnt,
	} {
		l = append(l, layer(f)...)
	}
	return l
}

func one(m mark, what, format string, args ...any) []item {
	return []item{{m, what, fmt.Sprintf(format, args...)}}
}

func when(ok bool) mark {
	if ok {
		return good
	}
	return bad
}

// lacking is why a fact was not learnt.
func lacking(f *detect.Facts, fact string) string {
	for _, l := range f.Lacking {
		if l.Fact == fact || strings.HasPrefix(l.Fact, fact+".") {
			return l.Why
		}
	}
	return "not asked"
}

// lacks tells whether a fact was asked for in vain.
func lacks(f *detect.Facts, fact string) bool { return lacking(f, fact) != "not asked" }

// notLearnt are facts that have no line of their own.
func notLearnt(f *detect.Facts) []item {
	var l []item
	for _, lack := range f.Lacking {
		switch lack.Fact {
		case "journal", "nginx.journal", "lines", "files", "kernel", "host", "nginx.foreign":
			l = append(l, item{unknown, "not learnt", lack.Fact + ": " + lack.Why})
		}
	}
	return l
}
