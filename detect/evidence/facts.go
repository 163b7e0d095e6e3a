package evidence

import (
	"maps"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxlog"
	"github.com/gatemend/gatemend/detect/signature"
)

// facts turns the document into what rules look at.
func (d *document) facts() detect.Facts {
	f := detect.Facts{Offline: true, Given: map[string]string{}}
	d.sort()
	d.observed(&f)
	d.unit(&f)
	d.conf(&f)
	f.Lines = append(f.Lines, d.errors()...)
	f.Traffic = d.traffic()
	app := d.said()
	if len(app) == 0 && len(f.Lines) == 0 {
		app = d.quoted() // what is only quoted may be of another try: it counts where nothing else speaks
	}
	f.Lines = append(f.Lines, app...)
	if f.Traffic != nil && spoke(f.Lines) {
		f.Traffic.Unlogged = 0
	}
	status(&f, app)
	d.tell(&f)
	return f
}

// errors reads nginx_error.
func (d *document) errors() []detect.Line {
	var out []detect.Line
	var rest []signature.Record
	zone := d.zone()
	for _, line := range d.NginxError {
		if l, ok := nginxlog.ParseErrorIn([]byte(bare(line)), zone); ok {
			out = append(out, l)
		} else if m := nginxMessage(line); m != "" {
			if l, ok := nginxlog.ParseErrorIn([]byte(m), zone); ok {
				out = append(out, l)
			}
		} else {
			rest = append(rest, signature.Record{Source: detect.FromPaste, Message: line})
		}
	}
	return append(out, signature.Lines(rest)...)
}

// nginxMessage finds nginx's message in a line whose front was lost: "upstream-dynamic-servers: 'x'
// could not be resolved", for instance, comes from a third-party module.
func nginxMessage(line string) string {
	for _, begin := range []string{"connect() ", "upstream timed out", "upstream prematurely", "no live upstreams", "upstream sent ", "recv() failed"} {
		if i := strings.Index(line, begin); i > 0 && i < 120 {
			return line[i:]
		}
	}
	if i := strings.Index(line, " could not be resolved ("); i > 0 {
		start := strings.LastIndexAny(line[:i], " '\"") + 1
		if name := strings.Trim(line[start:i], `'"`); name != "" {
			return "[error] " + name + line[i:]
		}
		if fields := strings.Fields(strings.NewReplacer("'", " ", `"`, " ").Replace(line[:i])); len(fields) > 0 {
			return "[error] " + fields[len(fields)-1] + line[i:]
		}
	}
	return ""
}

// said reads the journal, the status and the kernel's lines. In the journal's part, PID 1 is told by
// the "systemd[1]:" in front; in what is about no unit, by the text.
func (d *document) said() []detect.Line {
	var records []signature.Record
	add := func(source detect.Source, lines []string) {
		for _, l := range lines {
			records = append(records, signature.Record{Source: source, Message: l})
		}
	}
	add(detect.FromPaste, d.GunicornJournal)
	add(detect.FromStatus, d.SystemctlStatus)
	add(detect.FromKernel, d.Kernel)
	return signature.Lines(records)
}

// quoted finds log lines that a document quotes in its facts.
func (d *document) quoted() []detect.Line {
	var records []signature.Record
	for _, k := range slices.Sorted(maps.Keys(d.Facts)) {
		if s := text(d.Facts[k]); strings.ContainsRune(s, ' ') {
			records = append(records, signature.Record{Source: detect.FromPaste, Message: s})
		}
	}
	return signature.Lines(records)
}
