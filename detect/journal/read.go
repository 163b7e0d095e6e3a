package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// read decodes the output of `journalctl -o json`: one object a line. A line that is no object ends
// the reading with an error; what came before it is returned. A last line that was cut off by the
// output's limit is dropped.
func read(r io.Reader, truncated bool) (entries []Entry, err error) {
	err = each(r, truncated, func(raw fields) { entries = append(entries, entryOf(raw)) })
	return entries, err
}

// valuesOf is read for one field, which may be longer than what is kept of an entry.
func valuesOf(r io.Reader, field string, truncated bool) (values [][]byte, err error) {
	err = each(r, truncated, func(raw fields) {
		if v := raw.text(field); v != "" {
			values = append(values, []byte(v))
		}
	})
	return values, err
}

func each(r io.Reader, truncated bool, take func(fields)) error {
	dec := json.NewDecoder(r)
	for {
		var raw fields
		err := dec.Decode(&raw)
		if err == io.EOF || truncated && errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if raw != nil {
			take(raw)
		}
	}
}

// fields are an entry as journalctl prints it. A value is a string, an array of byte values where it
// holds anything unprintable (an ESC of a colour code is enough), an array of values where the field
// occurs more than once, or null where it is too large.
type fields map[string]json.RawMessage

// text gives a field's first value.
func (f fields) text(name string) string { return decode(f[name], 0) }

func decode(raw json.RawMessage, depth int) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || depth > 1 {
		return ""
	}
	switch raw[0] {
	case '"':
		var s string
		_ = json.Unmarshal(raw, &s) // the decoder has checked the syntax
		return s
	case '[':
		return decodeArray(raw, depth)
	}
	return ""
}

func decodeArray(raw json.RawMessage, depth int) string {
	var parts []json.RawMessage
	if json.Unmarshal(raw, &parts) != nil || len(parts) == 0 {
		return ""
	}
	if c := parts[0][0]; c == '"' || c == '[' || c == 'n' {
		return decode(parts[0], depth+1)
	}
	text := make([]byte, 0, min(len(parts), maxMessage))
	for _, p := range parts[:min(len(parts), maxMessage)] {
		n, err := strconv.ParseUint(string(p), 10, 8)
		if err != nil {
			return ""
		}
		text = append(text, byte(n))
	}
	return string(text)
}

func entryOf(raw fields) Entry {
	e := Entry{
		At:         detect.Time(number(raw, "__REALTIME_TIMESTAMP", 0)),
		PID:        int(number(raw, "_PID", 0)),
		UID:        int(number(raw, "_UID", -1)),
		Source:     sourceOf(raw),
		MessageID:  raw.text("MESSAGE_ID"),
		Identifier: bound(raw.text("SYSLOG_IDENTIFIER"), 256),
		Invocation: firstOf(raw, "INVOCATION_ID", "_SYSTEMD_INVOCATION_ID"),
		Message:    bound(raw.text("MESSAGE"), maxMessage),
		Cursor:     raw.text("__CURSOR"),
		Fields:     map[string]string{},
	}
	for _, name := range Fields {
		if v := raw.text(name); v != "" {
			e.Fields[name] = bound(v, 1024)
		}
	}
	return e
}

func firstOf(raw fields, names ...string) string {
	for _, name := range names {
		if v := raw.text(name); v != "" {
			return bound(v, 64)
		}
	}
	return ""
}

func number(raw fields, name string, otherwise int64) int64 {
	n, err := strconv.ParseInt(raw.text(name), 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

// bound cuts to a number of bytes and replaces what is not UTF-8.
func bound(s string, limit int) string {
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
