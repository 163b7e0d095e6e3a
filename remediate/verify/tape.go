package verify

import "github.com/gatemend/gatemend/detect"

const (
	keepFirst = 8
	keepLast  = 24
)

// tape keeps the first and the last answers of a wait that may be long.
type tape struct {
	answers []detect.Answer
	count   int
}

func (t *tape) add(a detect.Answer) {
	t.count++
	if len(t.answers) == keepFirst+keepLast {
		t.answers = append(t.answers[:keepFirst], t.answers[keepFirst+1:]...)
	}
	t.answers = append(t.answers, a)
}

// last is the newest answer; the zero Answer, which counts as nothing, before the first.
func (t *tape) last() detect.Answer {
	if t.count == 0 {
		return detect.Answer{}
	}
	return *t.newest()
}

// newest may be changed; there must be one.
func (t *tape) newest() *detect.Answer { return &t.answers[len(t.answers)-1] }
