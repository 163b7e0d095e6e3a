package agent

import (
	"slices"
	"sync"

	"github.com/gatemend/gatemend/detect"
)

// news is what reached a keeper since it last looked.
type news struct {
	triggers []detect.Trigger
	requests []*request
}

func (n *news) add(m news) {
	n.triggers = append(n.triggers, m.triggers...)
	n.requests = append(n.requests, m.requests...)
}

func (n news) empty() bool { return len(n.triggers) == 0 && len(n.requests) == 0 }

// from tells whether any trigger is by one of the sensors.
func (n news) from(sensors ...string) bool {
	return slices.ContainsFunc(n.triggers, func(t detect.Trigger) bool { return slices.Contains(sensors, t.Sensor) })
}

// mailbox coalesces triggers: a thousand lines of one log are one reason to look. It keeps
// the first and the newest trigger of each sensor, so it is bounded by the number of sensors.
type mailbox struct {
	mu       sync.Mutex
	order    []string
	first    map[string]detect.Trigger
	newest   map[string]detect.Time
	requests []*request
	bell     chan struct{} // one slot: rung whenever something is inside
}

func newMailbox() *mailbox {
	return &mailbox{first: map[string]detect.Trigger{}, newest: map[string]detect.Time{}, bell: make(chan struct{}, 1)}
}

func (m *mailbox) put(t detect.Trigger) {
	m.mu.Lock()
	if old, ok := m.first[t.Sensor]; ok {
		old.Lost = old.Lost || t.Lost
		m.first[t.Sensor] = old
	} else {
		m.order = append(m.order, t.Sensor)
		m.first[t.Sensor] = t
	}
	m.newest[t.Sensor] = max(m.newest[t.Sensor], t.At)
	m.mu.Unlock()
	m.ring()
}

func (m *mailbox) ask(r *request) {
	m.mu.Lock()
	m.requests = append(m.requests, r)
	m.mu.Unlock()
	m.ring()
}

func (m *mailbox) ring() {
	select {
	case m.bell <- struct{}{}:
	default:
	}
}

// take empties the mailbox.
func (m *mailbox) take() news {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := news{requests: m.requests}
	for _, s := range m.order {
		n.triggers = append(n.triggers, m.first[s])
	}
	m.order, m.requests = nil, nil
	clear(m.first)
	clear(m.newest)
	return n
}

// has tells whether a trigger of one of the sensors waits.
func (m *mailbox) has(sensors ...string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.ContainsFunc(sensors, func(s string) bool { return slices.Contains(m.order, s) })
}

// forget drops the triggers that are not newer than t, because what was proven after them
// says more than they do: so our own restarts raise no incident. A loss is never dropped.
// What is left rings again.
func (m *mailbox) forget(t detect.Time) {
	m.mu.Lock()
	m.order = slices.DeleteFunc(m.order, func(s string) bool {
		old := m.newest[s] <= t && !m.first[s].Lost
		if old {
			delete(m.first, s)
			delete(m.newest, s)
		}
		return old
	})
	left := len(m.order) + len(m.requests)
	m.mu.Unlock()
	if left > 0 {
		m.ring()
	}
}
