package collect

import (
	"context"
	"errors"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
)

// processes are those of the unit, and WSGI servers outside of every unit that is known.
func (s *snapshot) processes(ctx context.Context, _ detect.Facts) (change, error) {
	var own []detect.Process
	all, err := s.all()
	if s.Look != nil && s.route.Unit != "" {
		var ownErr error
		own, ownErr = s.Look.Processes(ctx, s.site.Name, s.route.Path)
		err = errors.Join(err, ownErr)
	}
	known := []string{s.route.Unit}
	if s.Known != nil {
		known = append(known, s.Known()...)
	}
	strays := proc.Strays(all, known)
	return func(f *detect.Facts) { f.Processes, f.Strays = own, strays }, err
}

// Times of the second look.
const (
	patience = 700 * time.Millisecond // most apps have answered by then
	between  = time.Second            // between the two looks
)

// secondLook reads the processes again where the server has taken a connection and not answered, while
// its answer is still waited for.
func (s *snapshot) secondLook(ctx context.Context, known detect.Facts) (change, error) {
	if !s.Deep || len(known.Processes) == 0 || down(known) { // what is left of a killed master is no riddle
		return nil, nil
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-s.answered:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
	}
	looked := proc.SecondLook(ctx, known.Processes, between)
	return func(f *detect.Facts) { f.Processes = looked }, nil
}

// allStopped tells that no process of the unit can answer: each is stopped (T) or in a frozen group.
func allStopped(all []detect.Process) bool {
	for _, p := range all {
		if p.State != "T" && p.State != "t" && !p.Frozen && p.State != "Z" {
			return false
		}
	}
	return len(all) > 0
}
