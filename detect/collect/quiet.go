package collect

import (
	"context"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/proc"
)

// quiet tells when the files that matter were touched last.
func (s *snapshot) quiet(ctx context.Context, known detect.Facts) (change, error) {
	if s.Look == nil {
		return nil, errNotAsked
	}
	q, err := s.Look.Touched(ctx, s.site.Name, s.route.Path)
	if err != nil {
		return nil, err
	}
	if n := known.Nginx; n != nil {
		q.NginxChanged = n.ChangedAt
	}
	return func(f *detect.Facts) { f.Quiet = &q }, nil
}

// lockAndSessions tells who is at work: a package manager, people.
func (s *snapshot) lockAndSessions(context.Context, detect.Facts) (change, error) {
	lock, err := proc.PackageLock()
	sessions, sessionsErr := proc.Sessions()
	if err == nil {
		err = sessionsErr
	}
	return func(f *detect.Facts) {
		q := detect.Quiet{}
		if f.Quiet != nil {
			q = *f.Quiet
		}
		q.Sessions = sessions
		if lock != nil {
			q.PackageLock, q.LockSince = lock.Path, lock.Holder.Start
		}
		f.Quiet = &q
	}, err
}
