package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	segmentPrefix = "audit-"
	segmentSuffix = ".jsonl"
)

// segment is one file of the log.
type segment struct {
	path  string
	first int64 // number of its first record, by its name
	size  int64
}

func segmentName(first int64) string {
	return fmt.Sprintf("%s%012d%s", segmentPrefix, first, segmentSuffix)
}

// segments lists the log's files, oldest first. A directory that does not exist has none.
// Links and anything else that is no regular file are not ours.
func segments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the audit log: %w", err)
	}
	var out []segment
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), segmentPrefix)
		if number, ok = strings.CutSuffix(number, segmentSuffix); !ok || !e.Type().IsRegular() {
			continue
		}
		first, err := strconv.ParseInt(number, 10, 64)
		if err != nil || first <= 0 {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // removed since
		}
		out = append(out, segment{filepath.Join(dir, e.Name()), first, info.Size()})
	}
	slices.SortFunc(out, func(a, b segment) int { return strings.Compare(a.path, b.path) })
	return out, nil
}
