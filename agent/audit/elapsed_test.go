package audit

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
)

// machine is a machine whose clock can be set.
type machine struct {
	boot   string
	uptime detect.Span
	now    detect.Time
}

func (m *machine) pass(d time.Duration) {
	m.uptime += detect.For(d)
	m.now = m.now.Add(detect.For(d))
}

// reboot takes that long, and the clock goes on meanwhile.
func (m *machine) reboot(id string, took time.Duration) {
	m.boot, m.uptime, m.now = id, 0, m.now.Add(detect.For(took))
}

func (m *machine) set(by time.Duration) { m.now = m.now.Add(detect.For(by)) }

// An action is as old as it is, across reboots, and wherever the agent saw the clock being set. Where
// the clock alone could tell, it is never made older than it may be.
func TestAgesAcrossBoots(t *testing.T) {
	const hour = time.Hour
	for name, tt := range map[string]struct {
		then func(m *machine, note func())
		age  time.Duration
	}{
		"a reboot":            {func(m *machine, note func()) { m.pass(hour); m.reboot("b", hour); m.pass(hour) }, 3 * hour},
		"two reboots":         {func(m *machine, note func()) { m.reboot("b", hour); note(); m.pass(hour); note(); m.reboot("c", hour) }, 3 * hour},
		"set ahead after it":  {func(m *machine, note func()) { m.reboot("b", hour); note(); m.set(24 * hour); m.pass(hour) }, 2 * hour},
		"set back after it":   {func(m *machine, note func()) { m.reboot("b", hour); note(); m.set(-30 * time.Minute); m.pass(hour) }, 90 * time.Minute},
		"set ahead before it": {func(m *machine, note func()) { m.set(24 * hour); note(); m.reboot("b", hour); m.pass(hour) }, 2 * hour},
		"set ahead before, back after": {func(m *machine, note func()) {
			m.set(24 * hour)
			note()
			m.reboot("b", hour)
			note()
			m.set(-24 * hour)
			m.pass(hour)
		}, hour},
		"without a clock of its own": {func(m *machine, note func()) {
			m.reboot("b", 0)
			m.now = 1
			note()
			m.pass(hour)
			m.now = 1_800_000_000_000_000
		}, hour},
		"the first of a boot, long after": {func(m *machine, note func()) { m.reboot("b", hour); m.pass(48 * hour); note(); m.pass(hour) }, 50 * hour},
	} {
		t.Run(name, func(t *testing.T) {
			m := &machine{boot: "a", uptime: 1000, now: 1_748_779_200_000_000}
			o := nowhere(t)
			o.Now, o.Boot = func() detect.Time { return m.now }, func() (string, detect.Span) { return m.boot, m.uptime }
			dir := t.TempDir()
			l := open(t, dir, o)
			add(t, l, KindIntent, `{}`)
			tt.then(m, func() { add(t, l, "clock", `{}`) })
			check := func(l *Log) {
				t.Helper()
				got := l.History(365 * day)
				if len(got) != 1 {
					t.Fatalf("%d entries", len(got))
				}
				if age := m.now.Sub(got[0].At).Duration(); age < tt.age-time.Minute || age > tt.age+time.Minute {
					t.Errorf("it is %s old, want %s", age, tt.age)
				}
			}
			check(l)
			l.Close()
			check(open(t, dir, o))
		})
	}
}

// An incident that the next agent takes up moves with the clock that was set since it was recorded.
func TestLatestMovesWithTheClock(t *testing.T) {
	for name, tt := range map[string]struct {
		then  func(m *machine, note func())
		moved time.Duration
	}{
		"time passes":     {func(m *machine, _ func()) { m.pass(time.Hour) }, 0},
		"set ahead":       {func(m *machine, _ func()) { m.pass(time.Hour); m.set(24 * time.Hour) }, 24 * time.Hour},
		"set back":        {func(m *machine, _ func()) { m.set(-2 * time.Hour) }, -2 * time.Hour},
		"a reboot later":  {func(m *machine, _ func()) { m.reboot("b", time.Minute) }, 0},
		"slewed a little": {func(m *machine, _ func()) { m.set(10 * time.Second) }, 0},
		"set back, and off for an hour": {func(m *machine, note func()) {
			m.set(-2 * time.Hour)
			note()
			m.reboot("b", time.Hour)
		}, -2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			m := &machine{boot: "a", uptime: 1_000_000, now: 1_748_779_200_000_000}
			o := nowhere(t)
			o.Now, o.Boot = func() detect.Time { return m.now }, func() (string, detect.Span) { return m.boot, m.uptime }
			dir := t.TempDir()
			l := open(t, dir, o)
			add(t, l, KindIncident, `{}`)
			tt.then(m, func() { add(t, l, "clock", `{}`) })
			l.Close()
			l = open(t, dir, o)
			for key := range l.latest {
				if _, moved, ok := l.Latest(key[0], key[1]); !ok || moved.Duration().Round(time.Second) != tt.moved {
					t.Errorf("moved %s, want %s", moved.Duration(), tt.moved)
				}
			}
			if len(l.latest) != 1 {
				t.Errorf("%d incidents", len(l.latest))
			}
		})
	}
}
