package signature

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
)

var (
	// syslogHead is "Nov 22 11:20:00 host gunicorn[123]: ", the short form of journalctl, with the month in any
	// language, its ISO, full and monotonic forms, its seconds since 1970, and rsyslog's; the captures leave out
	// all in front of the name.
	syslogHead = regexp.MustCompile(`^(?:(?:<\d{1,3}>)?(?:[^\[\]:]{0,40}\d\d:\d\d:\d\d\S*(?:\s+(?:[A-Z]{2,5}|[+-]\d{2,4}))?|\d{9,11}\.\d{3,6}|\[ *\d+\.\d{3,6}\])\s+\S+ )?(\(?[\w@./+-]+\)?)\[(\d+)\]: (.*)$`)
	// composeHead is "web_1  | ", as docker-compose prefixes.
	composeHead = regexp.MustCompile(`^(?:[\w.-]+\s*\|\s)(?:[\w ]+\|\s)?(.*)$`)
	// dockerHead is the time that `docker logs -t` and Kubernetes put in front.
	dockerHead = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d) (?:std(?:out|err) [FP] )?(.*)$`)
	// kernelHead is "Nov 22 11:20:00 host kernel: [  12.3] ".
	kernelHead = regexp.MustCompile(`^(?:.{0,60} )?kernel: (?:\[\s*\d+\.\d+\] )?(.*)$`)
	// gunicornHead is "[2026-11-22 11:19:59 +0000] [7151] [INFO] "; older ones have no zone and other brackets.
	gunicornHead = regexp.MustCompile(`^\s*(?:[A-Z]{3,8} )?\[?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?: ?([+-]\d{4}))?\]? \[(\d+)\] \[(?:INFO|WARNING|ERROR|CRITICAL|DEBUG)\] (.*)$`)
	// bareHead is the same cut short: "[23] [CRITICAL] …", "[INFO] …", "CRITICAL …".
	bareHead = regexp.MustCompile(`^\s*(?:\[(\d+)\] )?\[?(?:INFO|WARNING|ERROR|CRITICAL|DEBUG)\]?:? (.*)$`)
)

// unhead takes syslog's and docker-compose's beginnings off pasted text.
func unhead(r Record) Record {
	if m := composeHead.FindStringSubmatch(r.Message); m != nil {
		r.Message = m[1]
	}
	if m := kernelHead.FindStringSubmatch(r.Message); m != nil {
		r.Source, r.Message = detect.FromKernel, m[1]
		return r
	}
	m := syslogHead.FindStringSubmatch(r.Message)
	if m == nil {
		if m := dockerHead.FindStringSubmatch(r.Message); m != nil {
			r.Message = m[1]
		}
		return r
	}
	r.PID, _ = strconv.Atoi(m[2])
	r.Message = m[3]
	switch {
	case m[1] == "systemd" || strings.HasPrefix(m[1], "("):
		r.Source = detect.FromSystemd
	case m[1] == "nginx":
		r.Source = detect.FromNginxError
	default:
		r.Source = detect.FromApp
	}
	return r
}

// ungunicorn takes gunicorn's own head off and keeps its time and PID: under memory pressure
// journald's time was 45 s behind gunicorn's.
func ungunicorn(r Record) Record {
	if m := gunicornHead.FindStringSubmatch(r.Message); m != nil {
		if t, err := time.Parse("2006-01-02 15:04:05 -0700", m[1]+" "+m[2]); err == nil && r.At == 0 {
			r.At = detect.At(t)
		}
		r.PID, _ = strconv.Atoi(m[3])
		r.Message, r.headed = m[4], true
		return r
	}
	if m := bareHead.FindStringSubmatch(r.Message); m != nil {
		if pid, err := strconv.Atoi(m[1]); err == nil {
			r.PID = pid
		}
		r.Message, r.headed = m[2], true
	}
	return r
}
