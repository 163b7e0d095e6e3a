package signature

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// pattern is one message. Named groups become Attr; the groups errno and pid fill the
// line's own fields.
type pattern struct {
	has   string // a literal without which the expression cannot match: most lines stop here
	re    *regexp.Regexp
	event detect.Event
}

func p(event detect.Event, has, expr string) pattern {
	return pattern{has, regexp.MustCompile(expr), event}
}

// match tries the patterns in order.
func match(table []pattern, text string) (detect.Line, bool) {
	for _, p := range table {
		if p.has != "" && !strings.Contains(text, p.has) {
			continue
		}
		if m := p.re.FindStringSubmatch(text); m != nil {
			l := detect.Line{Event: p.event, Attr: map[string]string{}}
			fill(&l, p.re.SubexpNames(), m)
			return l, true
		}
	}
	return detect.Line{}, false
}

func fill(l *detect.Line, names, values []string) {
	for i, name := range names {
		v := values[i]
		switch {
		case name == "" || v == "":
		case name == "errno":
			l.Errno, _ = strconv.Atoi(v)
		case name == "pid":
			l.PID, _ = strconv.Atoi(v)
		default:
			l.Attr[name] = detect.Clean(v)
		}
	}
}
