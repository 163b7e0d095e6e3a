package tail

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestEveryLineOnce: whatever is written, and however the log is rotated meanwhile, every line
// comes once and in the order of its file. Only what a truncation took before it was looked at
// may be missing, and then a loss is told.
func TestEveryLineOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		m := &model{t: rt, path: filepath.Join(dir, "d", "error.log"), files: map[*modelFile]bool{}}
		m.log = &log{t: t, path: m.path, now: time.Unix(1e9, 0)}
		m.must(os.Mkdir(filepath.Dir(m.path), 0o755))
		defer m.close()
		m.log.f = newFollower(Source{Path: m.path, now: func() time.Time { return m.log.now }}, m.log.take)
		m.look()
		m.reopen(0)
		m.reopen(1)
		rt.Repeat(map[string]func(*rapid.T){
			"":         func(*rapid.T) {},
			"write":    m.write,
			"half":     m.half,
			"look":     func(*rapid.T) { m.look() },
			"rename":   m.rename,
			"reopen":   func(t *rapid.T) { m.reopen(rapid.IntRange(0, 1).Draw(t, "worker")) },
			"truncate": m.truncate,
			"remove":   m.remove,
			"dir":      m.directory,
			"settle":   m.settle,
		})
		m.look()
	})
}

// model is nginx with two workers, and what a reader has to get.
type model struct {
	t       *rapid.T
	log     *log
	path    string
	n       int // lines and rotations so far, for names that are not used twice
	workers [2]struct {
		f    *os.File
		file *modelFile
	}
	current *modelFile // at the path, nil when nothing is
	files   map[*modelFile]bool
	age     int // rotations
	losses  int // to be told at the next look
}

// modelFile is one inode.
type modelFile struct {
	born   int
	unread []string // whole lines written since the last look
	part   string   // a line's beginning, written and looked at or not
	seen   string   // part at the last look
	bytes  bool     // something was read
	cut    bool     // truncated since the last look, with something read before
	want   []string
}

func (m *model) must(err error) {
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) close() {
	m.log.f.close()
	for _, w := range m.workers {
		_ = w.f.Close()
	}
}

func (m *model) reopen(i int) {
	f, err := os.OpenFile(m.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	m.must(err)
	w := &m.workers[i]
	_ = w.f.Close()
	made := m.current == nil
	if made {
		m.current = &modelFile{born: m.age}
		m.files[m.current] = true
	}
	w.f, w.file = f, m.current
	if made {
		m.look() // a file that comes and goes between two looks is not seen
	}
}

func (m *model) put(i int, text string) {
	_, err := m.workers[i].f.WriteString(text)
	m.must(err)
}

func (m *model) write(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "worker")
	file := m.workers[i].file
	for range rapid.IntRange(1, 4).Draw(t, "lines") {
		m.n++
		line := fmt.Sprintf("%d %s", m.n, strings.Repeat("x", rapid.SampledFrom([]int{0, 70, 900, 40000}).Draw(t, "length")))
		m.put(i, line+"\n")
		file.unread = append(file.unread, file.part+line)
		file.part = ""
	}
}

func (m *model) half(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "worker")
	m.n++
	part := fmt.Sprintf("half %d ", m.n)
	m.put(i, part)
	m.workers[i].file.part += part
}

// rotating tells whether one more generation is among those that are kept: no file is given up
// that is written to or holds a half line.
func (m *model) rotating() bool {
	oldest := min(m.workers[0].file.born, m.workers[1].file.born)
	for file := range m.files {
		if file.part != "" {
			oldest = min(oldest, file.born)
		}
	}
	return m.current != nil && m.age-oldest < generations-1
}

func (m *model) rename(t *rapid.T) {
	if !m.rotating() {
		return
	}
	m.n++
	m.must(os.Rename(m.path, fmt.Sprintf("%s.%d", m.path, m.n)))
	m.current, m.age = nil, m.age+1
}

func (m *model) remove(t *rapid.T) {
	if !m.rotating() {
		return
	}
	m.must(os.Remove(m.path))
	m.current, m.age = nil, m.age+1
}

func (m *model) directory(t *rapid.T) {
	if !m.rotating() {
		return
	}
	m.n++
	dir := filepath.Dir(m.path)
	m.must(os.Rename(dir, fmt.Sprintf("%s.%d", dir, m.n)))
	if rapid.Bool().Draw(t, "look between") {
		m.look()
	}
	m.must(os.Mkdir(dir, 0o755))
	m.current, m.age = nil, m.age+1
}

// truncate loses what was not looked at. A file of which nothing was read yet cannot be known
// to have been truncated, so it is looked at first.
func (m *model) truncate(t *rapid.T) {
	if m.current == nil {
		return
	}
	if !m.current.bytes {
		m.look()
	}
	c := m.current
	m.must(os.Truncate(m.path, 0))
	if c.seen != "" {
		c.want = append(c.want, c.seen) // its other half is gone
	}
	c.cut = c.cut || c.bytes
	c.unread, c.part, c.seen = nil, "", ""
}

// settle lets everything come to rest: old files are given up.
func (m *model) settle(t *rapid.T) {
	m.reopen(0)
	m.reopen(1)
	m.write(t)
	m.look()
	m.log.now = m.log.now.Add(linger)
	m.log.look()
	for file := range m.files {
		if file != m.current && file.part != "" {
			file.want, file.part, file.seen = append(file.want, file.part), "", ""
		}
	}
	m.look()
}

// look takes one and compares everything.
func (m *model) look() {
	m.log.look()
	for file := range m.files {
		if file.cut {
			m.losses++
			file.cut, file.bytes = false, false
		}
		file.want = append(file.want, file.unread...)
		file.bytes = file.bytes || len(file.unread) > 0 || file.part != ""
		file.unread, file.seen = nil, file.part
	}
	m.compare()
}

func (m *model) compare() {
	got := slices.Clone(m.log.lines)
	place := map[string]int{}
	for i, line := range got {
		if _, twice := place[line]; twice {
			m.t.Fatalf("twice: %.40q", line)
		}
		place[line] = i
	}
	n := 0
	for file := range m.files {
		before := -1
		for _, line := range file.want {
			i, ok := place[line[:min(len(line), LineMax)]]
			if !ok {
				m.t.Fatalf("lost: %.40q", line)
			}
			if i < before {
				m.t.Fatalf("out of order: %.40q", line)
			}
			before = i
			n++
		}
	}
	if n != len(got) {
		m.t.Fatalf("%d lines, want %d", len(got), n)
	}
	if m.log.lost != m.losses {
		m.t.Fatalf("%d losses told, want %d", m.log.lost, m.losses)
	}
}
