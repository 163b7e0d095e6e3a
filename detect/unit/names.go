package unit

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Names lists the .service and .socket units of the system manager, running or only installed,
// sorted. Templates without an instance are left out: nothing of that name can run.
func (b *Bus) Names(ctx context.Context) ([]string, error) {
	var files []struct{ Path, State string }
	if err := b.call(ctx, managerPath, manager+".ListUnitFilesByPatterns", []any{[]string{}, patterns}, &files); err != nil {
		return nil, fmt.Errorf("cannot list the unit files: %w", err)
	}
	var loaded [][]any // ssssssouso, of which the first is the name
	if err := b.call(ctx, managerPath, manager+".ListUnitsByPatterns", []any{[]string{}, patterns}, &loaded); err != nil {
		return nil, fmt.Errorf("cannot list the units: %w", err)
	}
	var names []string
	for _, f := range files {
		if name := filepath.Base(f.Path); !strings.Contains(name, "@.") {
			names = append(names, name)
		}
	}
	for _, u := range loaded {
		if name, ok := u[0].(string); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

var patterns = []string{"*.service", "*.socket"}
