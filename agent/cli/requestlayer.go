package cli

import (
	"fmt"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

func directRequest(f *detect.Facts) []item {
	return asked(f, "direct request", "upstream", f.Upstream)
}

func publicRequest(f *detect.Facts) []item {
	const what = "public request"
	l := asked(f, what, "public", f.Public)
	if f.Public.Healthy() && f.Public.Proof == "" {
		l = append(l, item{unknown, what, "nothing proves that nginx forwarded it to the application"})
	}
	return l
}

// outsideRequest is there only where an external URL is configured.
func outsideRequest(f *detect.Facts) []item {
	if f.Outside == nil {
		return nil
	}
	return asked(f, "request from outside", "outside", f.Outside)
}

func asked(f *detect.Facts, what, fact string, a *detect.Answer) []item {
	if !a.Known() {
		return one(unknown, what, "not asked: %s", lacking(f, fact))
	}
	return one(when(a.Healthy()), what, "%s: %s", strings.TrimPrefix(a.URL, "http://unix:"), answerText(a))
}

// answerText is what came back, and how long it took where that says something.
func answerText(a *detect.Answer) string {
	switch a.Outcome {
	case detect.Answered:
		who := ""
		if a.ByNginx && !a.Healthy() {
			who = " made by nginx"
		}
		return fmt.Sprintf("%d%s in %s", a.Status, who, span(a.Took))
	case detect.Missing, detect.Refused, detect.Denied: // said all
		return string(a.Outcome)
	case detect.TimedOut:
		return "no answer within " + span(a.Took)
	}
	if a.Detail == "" {
		return string(a.Outcome)
	}
	return fmt.Sprintf("%s (%s)", a.Outcome, a.Detail)
}
