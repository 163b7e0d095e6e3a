package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Limits of one document. What is longer is refused rather than read in part: the line that
// counts is often the last.
const (
	maxBytes = 8 << 20
	maxLines = 20000
)

// document is the JSON form.
type document struct {
	NginxError      []string       `json:"nginx_error"`
	NginxAccess     []string       `json:"nginx_access"`
	GunicornJournal []string       `json:"gunicorn_journal"`
	SystemctlStatus []string       `json:"systemctl_status"`
	Kernel          []string       `json:"kernel"`
	NginxConf       []string       `json:"nginx_conf"`
	UnitFile        []string       `json:"unit_file"`
	UnitProperties  map[string]any `json:"unit_properties"`
	Facts           map[string]any `json:"facts"`
}

// keys are those of a document; labels beside them say what it is about and are ignored.
var (
	keys   = []string{"nginx_error", "nginx_access", "gunicorn_journal", "systemctl_status", "kernel", "nginx_conf", "unit_file", "unit_properties", "facts"}
	labels = []string{"id", "title", "source", "note", "notes", "expect", "comment", "evidence", "captured"}
)

// Read takes a document or pasted text. Its errors say what to write instead.
func Read(r io.Reader) (detect.Facts, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return detect.Facts{}, fmt.Errorf("cannot read the evidence: %w", err)
	}
	if len(data) > maxBytes {
		return detect.Facts{}, fmt.Errorf("cannot read the evidence: it is longer than %d MiB; cut it to the minutes around the outage", maxBytes>>20)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		return detect.Facts{}, fmt.Errorf("cannot read the evidence: there is none; give log lines or a document, in a file or on standard input")
	}
	if isDocument(data) {
		return readDocument(data, 0)
	}
	return readText(string(data))
}

// isDocument tells JSON from text: a log line may begin with a brace too, a document is one whole object.
func isDocument(data []byte) bool {
	trimmed := bytes.TrimSpace(data)
	return len(trimmed) > 0 && trimmed[0] == '{' && (json.Valid(trimmed) || bytes.Contains(trimmed, []byte(`"nginx_error"`)) || bytes.Contains(trimmed, []byte(`"facts"`)))
}

func readDocument(data []byte, depth int) (detect.Facts, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(data, &top); err != nil {
		return detect.Facts{}, fmt.Errorf("cannot read the evidence document: %w", err)
	}
	if inner, ok := top["evidence"]; ok && depth == 0 {
		return readDocument(inner, depth+1) // a line of a corpus: the document is inside
	}
	for k := range top {
		if !slices.Contains(keys, k) && !slices.Contains(labels, k) {
			return detect.Facts{}, fmt.Errorf("cannot read the evidence document: unknown key %q; it knows %s", detect.Clean(k), strings.Join(keys, ", "))
		}
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return detect.Facts{}, fmt.Errorf("cannot read the evidence document: %w", err)
	}
	if n := d.lines(); n > maxLines {
		return detect.Facts{}, fmt.Errorf("cannot read the evidence document: it has %d lines, more than %d", n, maxLines)
	}
	return d.facts(), nil
}

func (d *document) lines() int {
	return len(d.NginxError) + len(d.NginxAccess) + len(d.GunicornJournal) + len(d.SystemctlStatus) + len(d.Kernel) + len(d.NginxConf) + len(d.UnitFile)
}

// readText makes a document of pasted lines.
func readText(text string) (detect.Facts, error) {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if len(lines) > maxLines {
		return detect.Facts{}, fmt.Errorf("cannot read the text: it has %d lines, more than %d", len(lines), maxLines)
	}
	var d document
	for _, l := range lines {
		d.place(l)
	}
	return d.facts(), nil
}
