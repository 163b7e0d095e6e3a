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
	puts     map[string]int // how many each of them stands for
	requests []*request
	next     *assignment   // the latest; nil when it was taken
	closed   bool          // nobody reads any more
	bell     chan struct{} // one slot: rung whenever something is inside
}

func newMailbox() *mailbox {
	return &mailbox{first: map[string]detect.Trigger{}, newest: map[string]detect.Time{}, puts: map[string]int{}, bell: make(chan struct{}, 1)}
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
	m.puts[t.Sensor]++
	m.mu.Unlock()
	m.ring()
}

// ask is false when nobody will answer.
func (m *mailbox) ask(r *request) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.requests = append(m.requests, r)
	m.ring()
	return true
}

// assign leaves what is to be kept from now on.
func (m *mailbox) assign(n *assignment) {
	m.mu.Lock()
	m.next = n
	m.mu.Unlock()
	m.ring()
}

// assigned takes it, nil when there is nothing new.
func (m *mailbox) assigned() *assignment {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.next
	m.next = nil
	return n
}

// close takes the requests that are left, and takes no more.
func (m *mailbox) close() []*request {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return m.requests
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
	clear(m.puts)
	return n
}

// count is how many triggers of the sensors wait.
func (m *mailbox) count(sensors ...string) (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range sensors {
		n += m.puts[s]
	}
	return n
}

// asked tells whether a person waits, or another setup.
func (m *mailbox) asked() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.requests) > 0 || m.next != nil
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
			delete(m.puts, s)
		}
		return old
	})
	left := len(m.order)+len(m.requests) > 0 || m.next != nil
	m.mu.Unlock()
	if left {
		m.ring()
	}
}
