package collect

import (
	"context"

	"github.com/gatemend/gatemend/detect"
)

// installed asks which versions are installed of what serves the route.
func (s *snapshot) installed(_ context.Context, known detect.Facts) (change, error) {
	now, err := s.packages.Read(program0(known.Unit))
	return func(f *detect.Facts) { f.Packages = now }, err
}

// program0 is what the unit's ExecStart= runs.
func program0(u *detect.Unit) string {
	if u == nil || len(u.Argv) == 0 {
		return ""
	}
	return u.Argv[0]
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
