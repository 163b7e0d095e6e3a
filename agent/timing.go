package agent

import (
	"strconv"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// Times of the loop that are not configuration, each with its reason.
const (
	// A gunicorn whose master was killed was seen to answer for up to 88 ms more: a unit or a
	// socket that changed is asked again when that is over.
	// It is asked every settleStep, so that what is down at once is seen at once.
	settleTime = 120 * time.Millisecond
	settleStep = 20 * time.Millisecond
	// What is ambiguous is looked at a second time after this.
	secondLook = 1500 * time.Millisecond
	// While an incident is open the site is asked this often, so that a fix is noticed soon.
	openProbe = 5 * time.Second
	// An escalated or degraded incident collects everything again this often: what a watch missed.
	openCollect = 30 * time.Second
	// One that is older than an hour less often: it may stay for days.
	oldCollect = 2 * time.Minute
	// A degraded site is looked at again when the window of its errors has passed.
	degradedCollect = 60 * time.Second
	// One start per settled change, at most one in this time (DESIGN: escalate).
	mendGap = 2 * time.Minute
	// A log that keeps telling of single errors of a healthy site is looked at this often.
	logLookGap = 10 * time.Second
	// Wait for at least this and at most that before deciding again.
	shortestWait, longestWait = 100 * time.Millisecond, 30 * time.Second
	// After a proof that failed though nothing was done, look again after this.
	proofGap = 5 * time.Second
	// A served request replaces probes for this long: a static file proves no upstream.
	servedFor = 5 * time.Minute
	// After a healthy look that a unit's restart caused, the baseline is taken anew after this.
	refreshAfter = 60 * time.Second
	// A person who asked for a heal is answered at the latest after this, with what is waited for.
	patience = 45 * time.Second
	// Every nth upstream probe asks the public endpoint too: 30 s and 5 min by default.
	publicEvery = 10
	// Attempts in a row that the executor's last check may refuse before a person is told.
	mostRefusals = 3
	// An outage older than this that we did not see begin is counted from when we noticed.
	maxUnknownOutage = detect.Span(24 * 3600 * 1_000_000)
)

// How long each stage may take before the loop counts as stuck. An action has the deadline of
// its unit's jobs; a proof one of its own (start grace at most 10 min), below this bound.
const (
	confirmBound = 30 * time.Second
	collectBound = 60 * time.Second
	verifyBound  = 15 * time.Minute
	recordBound  = 20 * time.Second
)

// now is the wall clock in the vocabulary's unit.
func now() detect.Time { return detect.At(wall()) }

func statusText(code int) string { return strconv.Itoa(code) }
