package collect

import (
	"context"

	"github.com/gatemend/gatemend/detect"
)

// installed asks which versions are installed of what serves the route.
func (s *snapshot) installed(_ context.Context, known detect.Facts) (change, error) {
	program := ""
	if u := known.Unit; u != nil && len(u.Argv) > 0 {
		program = u.Argv[0]
	}
	now, err := s.packages.Read(program)
	return func(f *detect.Facts) { f.Packages = now }, err
}

// changedPackages compares versions. One that neither look found is no change, nor is anything where
// one of them found nothing at all.
func changedPackages(before map[string]string, now map[string]detect.Package) (found []detect.Change) {
	if len(before) == 0 || len(now) == 0 {
		return nil
	}
	for name, was := range before {
		if is, ok := now[name]; !ok {
			found = append(found, detect.Change{What: "package", Name: name, Before: was, After: "removed"})
		} else if is.Version != was {
			found = append(found, detect.Change{What: "package", Name: name, Before: was, After: is.Version, At: is.At})
		}
	}
	for name, is := range now {
		if _, ok := before[name]; !ok {
			found = append(found, detect.Change{What: "package", Name: name, Before: "not installed", After: is.Version, At: is.At})
		}
	}
	return found
}
