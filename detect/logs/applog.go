package logs

import (
	"bytes"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/signature"
)

// troubles are what the app's log can say that is a reason to look.
var troubles = map[detect.Event]bool{
	detect.EventTraceback: true, detect.EventBareException: true, detect.EventWorkerException: true, detect.EventMainLoop: true,
	detect.EventWorkerTimeout: true, detect.EventWorkerKilled: true, detect.EventWorkerExited: true, detect.EventShuttingDown: true,
	detect.EventWorkerBootFailed: true, detect.EventAppLoadFailed: true, detect.EventAppNotFound: true, detect.EventConfigError: true,
	detect.EventAddressInUse: true, detect.EventAddressInvalid: true, detect.EventBindFailed: true, detect.EventBindGaveUp: true,
	detect.EventBacklogFullApp: true,
}

// appReader reads the app's own log. Lines of a traceback that is not at its end are kept for the
// next batch.
func (src *source) appReader() func([][]byte) {
	var open []string
	return func(lines [][]byte) {
		text := open
		for _, line := range lines {
			text = append(text, string(line[:min(len(line), 4096)]))
		}
		whole := unfinished(text)
		src.appLines(text[:whole])
		open = append([]string(nil), text[whole:]...)
	}
}

func (src *source) appLines(text []string) {
	records := make([]signature.Record, len(text))
	for i, line := range text {
		records[i] = signature.Record{At: detect.At(src.now()), Source: detect.FromApp, Message: line}
	}
	for _, l := range signature.Lines(records) {
		for _, st := range src.sites {
			st.recent.add(l, src.now())
			if troubles[l.Event] {
				src.trigger(st, l.At, true, l.Text)
			}
		}
	}
}

// openMost is the longest end that is kept: a recursion error prints 2000 lines.
const openMost = 400

// unfinished is where a traceback begins that has no end yet, with the line that announces it;
// len(text) when there is none.
func unfinished(text []string) int {
	for i := len(text) - 1; i >= 0 && i >= len(text)-openMost; i-- {
		switch line := text[i]; {
		case strings.HasPrefix(line, "Traceback (most recent call last)"):
			return max(i-1, 0)
		case len(bytes.TrimSpace([]byte(line))) > 0 && line[0] != ' ':
			return len(text)
		}
	}
	return len(text)
}
