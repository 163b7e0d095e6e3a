package unit

import (
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// FuzzProperties: whatever types and texts a bus answers with, reading ends, and command lines and
// errors hold nothing that is not printable.
func FuzzProperties(f *testing.F) {
	for shape := range 12 {
		f.Add(shape, "ExecStart", "/usr/bin/gunicorn\x1b[2J", int64(-1))
	}
	names := strings.Fields("Id LoadState LoadError ActiveState StartLimitIntervalUSec DropInPaths TriggeredBy Result User WorkingDirectory " +
		"RuntimeDirectory RuntimeDirectoryMode MemoryMax EnvironmentFiles Environment ExecStart Listen Job MainPID TimeoutStopUSec SocketMode StandardOutput")
	f.Fuzz(func(t *testing.T, shape int, name, text string, n int64) {
		shapes := []any{
			text, []string{text, text}, n, uint64(n), uint32(n), int32(n), n%2 == 0, []byte(text), [][]string{{text}},
			[]any{text, n}, []any{}, [][]any{{text, []string{text, text}, n}}, [][]any{{}}, [][]any{{text, n%2 == 0}}, map[string]string{text: text},
		}
		p := variants(map[string]any{name: shapes[(shape%len(shapes)+len(shapes))%len(shapes)]})
		for i, known := range names {
			p[known] = variants(map[string]any{"x": shapes[(i+max(shape, -shape)%len(shapes))%len(shapes)]})["x"]
		}
		var u detect.Unit
		readUnit(&u, p)
		readService(&u, p)
		readSocket(&u, p)
		_, _ = jobID(p), jobPath(p)
		_, _ = tied(p, conflicts), readEnvironment(properties{"Environment": p["Environment"]})
		for _, word := range append(detect.CleanArgs(execStart(p)), u.LoadError) {
			if len(word) > detect.TextMax || strings.ContainsFunc(word, func(r rune) bool { return !detect.Printable(r) }) {
				t.Errorf("%q", word)
			}
		}
	})
}

// FuzzUnitFile: the texts of unit files and command lines, which their owner writes as he likes.
func FuzzUnitFile(f *testing.F) {
	f.Add("[Service]\nStandardOutput=append:/var/log/shop.log\nStandardError=file:%h/x\n", "python3\x00/usr/bin/gunicorn\x00")
	f.Add("StandardOutput=\nStandardOutput = append:\x1b", "gunicorn: master [x]")
	f.Fuzz(func(t *testing.T, text, cmdline string) {
		if path := lastFile(text, "StandardOutput", ""); path != "" && (path[0] != '/' || strings.ContainsAny(path, "\n%")) {
			t.Errorf("%q", path)
		}
		runs(cmdline, "gunicorn")
		for _, line := range aboutUnit(text, cmdline) {
			if strings.ContainsFunc(line, func(r rune) bool { return !detect.Printable(r) }) {
				t.Errorf("%q", line)
			}
		}
	})
}
