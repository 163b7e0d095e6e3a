package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/diagnose"
	"github.com/gatemend/gatemend/detect/evidence"
	"github.com/gatemend/gatemend/policy"
)

// incident is one line of a corpus.
type incident struct {
	ID        string          `json:"id"`
	Source    string          `json:"source"`
	Cause     string          `json:"cause"`
	Secondary []string        `json:"secondary"`
	Basis     string          `json:"cause_basis"`
	Evidence  json.RawMessage `json:"evidence"`
	Lines     []string        `json:"lines"` // noise
}

// verdict is what a diagnosis is worth against the known cause.
type verdict string

const (
	right   verdict = "right first"
	also    verdict = "right in also"
	unknown verdict = "unknown"
	wrong   verdict = "wrong"
	harmful verdict = "wrong with an action"
)

// result is one incident judged.
type result struct {
	incident
	verdict verdict
	got     detect.Finding
	others  []detect.Cause
	action  policy.Verb
}

func (r result) String() string {
	return fmt.Sprintf("  %-20s %s\n    is %s %v (%s), got %s at %d %%, action %s, also %v", r.verdict, strings.TrimSpace(r.ID+" "+r.Source), r.Cause, r.Secondary, r.Basis, r.got.Cause, r.got.Confidence, r.action, r.others)
}

// judge diagnoses the incident by its evidence alone.
func (i incident) judge() (result, error) {
	data := []byte(i.Evidence)
	if i.Lines != nil {
		data = []byte(strings.Join(i.Lines, "\n"))
		i.Cause = string(detect.Unknown)
	} else if pasted := ""; json.Unmarshal(i.Evidence, &pasted) == nil {
		data = []byte(pasted)
	}
	f, err := evidence.Read(bytes.NewReader(data))
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", i.ID, err)
	}
	d := diagnose.Diagnose(f)
	r := result{incident: i, got: d.Primary, action: policy.FirstSafe(d, f)}
	if r.got.Cause == "" {
		r.got.Cause = detect.Unknown
	}
	for _, a := range d.Also {
		r.others = append(r.others, a.Cause)
	}
	r.verdict = r.weigh()
	return r, nil
}

func (r result) weigh() verdict {
	switch {
	case r.is(r.got.Cause):
		return right
	case r.action != policy.None && r.action != policy.Wait && !slices.Contains(r.Secondary, string(r.got.Cause)):
		return harmful
	case slices.ContainsFunc(r.others, r.is):
		return also
	case r.got.Cause == detect.Unknown:
		return unknown
	}
	return wrong
}

// is compares with the known cause. Corpora call "other" what DESIGN's table has split since.
func (r result) is(c detect.Cause) bool {
	if r.Cause == "other" {
		return c == detect.NginxAnswered || c == detect.WorkerRecycled || c == detect.Unknown
	}
	return string(c) == r.Cause
}
