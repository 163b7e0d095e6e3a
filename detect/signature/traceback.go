package signature

import (
	"regexp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// frameLine is `  File "/srv/app/app.py", line 3, in <module>`; pasted text may have lost the
// blanks in front and the function behind.
var frameLine = regexp.MustCompile(`^\s*File "([^"]+)", line (\d+)(?:, in ?(\S+)?)?`)

// maxTraceback bounds one traceback; a recursion error prints 2000 lines.
const maxTraceback = 400

// block is one exception with the frames above it.
type block struct {
	frames []frame
	class  string
	text   string
	line   string // the exception's line as it came
	env    bool   // os.environ stands in a frame
	read   string // the variable that a line of source read last
	fields []string
}

type frame struct{ file, line, in string }

// traceback collects the blocks of a chain. The first one is the cause: "During handling of
// the above exception, another exception occurred" puts the symptom last.
type traceback struct {
	blocks []block
	open   bool // a block waits for its exception
	linked bool // the words that chain two blocks came last
	bare   bool // an exception's line without a traceback began it
	lines  int
	worker bool // "Exception in worker process" or similar came just before
	master bool // "Unhandled exception in main loop" came just before
	served bool // "Exception on /path" or "Error handling request" came just before
}

// take adds a line; false when the line is not part of the traceback.
func (t *traceback) take(text string) bool {
	t.lines++
	if t.lines > maxTraceback {
		return false
	}
	trimmed := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(trimmed, "Traceback (most recent call last)"):
		return t.open && len(t.blocks[len(t.blocks)-1].frames) == 0 || t.begin()
	case strings.HasPrefix(trimmed, "During handling of the above"), strings.HasPrefix(trimmed, "The above exception was the direct cause"):
		t.linked = true
		return len(t.blocks) > 0
	case frameLine.MatchString(text):
		return t.frame(frameLine.FindStringSubmatch(text))
	case trimmed == "":
		return len(t.blocks) > 0
	case len(t.blocks) == 0:
		return t.beginBare(text)
	case !t.open:
		return t.blocks[len(t.blocks)-1].field(text)
	}
	return t.inside(text)
}

// begin opens the next block; false when the last one is complete and nothing chains another to it.
func (t *traceback) begin() bool {
	if len(t.blocks) > 0 && !t.linked {
		return false
	}
	t.blocks = append(t.blocks, block{})
	t.open, t.linked = true, false
	return true
}

// beginBare takes an exception's line whose frames were left out of what was pasted.
func (t *traceback) beginBare(text string) bool {
	m := looksRaised.FindStringSubmatch(strings.TrimRight(text, " *"))
	if m == nil || strings.HasPrefix(text, " ") {
		return false
	}
	t.blocks = []block{{class: m[1], text: m[2], line: text}}
	t.bare = true
	return true
}

func (t *traceback) frame(m []string) bool {
	if !t.open && !t.begin() {
		return false
	}
	b := &t.blocks[len(t.blocks)-1]
	b.frames = append(b.frames, frame{m[1], m[2], m[3]})
	return true
}

// inside judges a line between frames: source, carets, or the exception that ends the block.
func (t *traceback) inside(text string) bool {
	b := &t.blocks[len(t.blocks)-1]
	if strings.Contains(text, "environ") {
		b.env = true
	}
	if m := readsName.FindStringSubmatch(text); m != nil {
		b.read = m[1]
	}
	m := exception.FindStringSubmatch(text)
	if m == nil || strings.HasPrefix(text, " ") || m[2] == "" && !looksRaised.MatchString(text) {
		return true
	}
	b.class, b.text, b.line = m[1], m[2], text
	t.open = false
	return true
}

// result makes the line; ok is false when no exception was read.
func (t *traceback) result() (detect.Line, bool) {
	cause, ok := t.cause()
	if !ok {
		return detect.Line{}, false
	}
	l := detect.Line{Event: detect.EventTraceback, Attr: map[string]string{}, Text: detect.Clean(cause.line)}
	if cause.class == "" || strings.HasSuffix(cause.class, "HaltServer") {
		h := halt(cause.text)
		h.Text = l.Text
		return h, true
	}
	if t.bare && len(t.blocks) == 1 {
		l.Event = detect.EventBareException
	}
	raised(&l, cause.class, cause.text)
	if last := t.blocks[len(t.blocks)-1]; last.line != cause.line && last.class != "" {
		l.Attr["last"] = detect.Clean(last.line)
	}
	if l.Attr["key"] != "" && (cause.env || cause.inEnviron()) {
		l.Attr["variable"] = l.Attr["key"]
	}
	if name := cause.lacks() + cause.noneOf(l.Attr["kind"], cause.text); name != "" && l.Attr["variable"] == "" {
		l.Attr["variable"] = name
	}
	if at, ok := cause.own(); ok {
		l.Attr["file"], l.Attr["line"] = detect.Clean(at.file), at.line
	}
	if cause.importing() {
		l.Attr["importing"] = "yes"
	}
	if phase := t.phase(); phase != "" && !t.bare {
		l.Attr["phase"] = phase
	}
	return l, true
}

// cause is the first block that has an exception and is not gunicorn's own.
func (t *traceback) cause() (block, bool) {
	var found block
	ok := false
	for _, b := range t.blocks {
		if b.class == "" {
			continue
		}
		if !strings.HasSuffix(b.class, "HaltServer") && b.class != "StopIteration" {
			return b, true
		}
		if !ok {
			found, ok = b, true
		}
	}
	return found, ok
}

// phase tells when it happened: boot (a worker imports the app), request, bind, master (gunicorn's
// own loop), or "" when nothing tells.
func (t *traceback) phase() string {
	switch {
	case t.master:
		return "master"
	case t.served:
		return "request"
	case t.has("close_sockets"):
		return "master" // gunicorn 20.1 unlinks its socket on the way out, and raises where it is gone
	case t.has("handle_request", "wsgi_app", "full_dispatch_request", "handle_abort"):
		return "request"
	case t.has("load_wsgi", "import_app", "init_process", "load_wsgiapp", "spawn_worker") || t.worker:
		return "boot"
	case t.has("create_sockets"):
		return "bind"
	case t.inArbiter("start", "setup"):
		return "boot" // of the master itself: its pid file, its own hooks
	case t.inArbiter("run"):
		return "master"
	}
	return ""
}

// inArbiter tells a function of gunicorn's master in the frames; its main loop is run.
func (t *traceback) inArbiter(functions ...string) bool {
	for _, b := range t.blocks {
		for _, f := range b.frames {
			if strings.HasSuffix(f.file, "gunicorn/arbiter.py") && slices.Contains(functions, f.in) {
				return true
			}
		}
	}
	return false
}

func (t *traceback) has(functions ...string) bool {
	for _, b := range t.blocks {
		for _, f := range b.frames {
			for _, name := range functions {
				if f.in == name {
					return true
				}
			}
		}
	}
	return false
}

// inEnviron tells os.environ[…]: Python's own frame for it is os.py or <frozen os>, __getitem__.
func (b *block) inEnviron() bool {
	for _, f := range b.frames {
		if f.in == "__getitem__" && (strings.HasSuffix(f.file, "/os.py") || f.file == "<frozen os>") {
			return true
		}
		if strings.HasSuffix(f.file, "/environ.py") || strings.HasSuffix(f.file, "/decouple.py") {
			return true
		}
	}
	return false
}

// importing tells that Python's own import machinery raised it, while it read a module's file.
func (b *block) importing() bool {
	return len(b.frames) > 0 && strings.HasPrefix(b.frames[len(b.frames)-1].file, "<frozen importlib")
}

// own is the last frame in the person's own code.
func (b *block) own() (frame, bool) {
	for i := len(b.frames) - 1; i >= 0; i-- {
		f := b.frames[i].file
		if !strings.HasPrefix(f, "<") && !strings.Contains(f, "/site-packages/") && !strings.Contains(f, "/dist-packages/") && !strings.Contains(f, "/lib/python") {
			return b.frames[i], true
		}
	}
	return frame{}, false
}
