package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// tally counts verdicts, for all and by what the cause is based on, and who was taken for whom.
type tally struct {
	all     map[verdict]int
	byBasis map[string]map[verdict]int
	taken   map[[2]string]int
}

func (t *tally) add(r result) {
	if t.all == nil {
		t.all, t.byBasis, t.taken = map[verdict]int{}, map[string]map[verdict]int{}, map[[2]string]int{}
	}
	t.all[r.verdict]++
	if t.byBasis[r.Basis] == nil {
		t.byBasis[r.Basis] = map[verdict]int{}
	}
	t.byBasis[r.Basis][r.verdict]++
	if r.verdict != right {
		t.taken[[2]string{r.Cause, string(r.got.Cause)}]++
	}
}

func (t *tally) print(w io.Writer) {
	row(w, "all", t.all)
	if len(t.byBasis) > 1 {
		for _, b := range slices.Sorted(maps.Keys(t.byBasis)) {
			row(w, b, t.byBasis[b])
		}
	}
	pairs := slices.Collect(maps.Keys(t.taken))
	slices.SortFunc(pairs, func(a, b [2]string) int {
		if d := t.taken[b] - t.taken[a]; d != 0 {
			return d
		}
		return slices.Compare(a[:], b[:])
	})
	for _, p := range pairs {
		fmt.Fprintf(w, "  %3d  %-22s taken for %s\n", t.taken[p], p[0], p[1])
	}
}

func row(w io.Writer, name string, counts map[verdict]int) {
	total := 0
	for _, n := range counts {
		total += n
	}
	fmt.Fprintf(w, "  %-30s %4d", name, total)
	for _, v := range []verdict{right, also, unknown, wrong, harmful} {
		fmt.Fprintf(w, "  %s %d (%.1f %%)", v, counts[v], 100*float64(counts[v])/float64(max(total, 1)))
	}
	fmt.Fprintln(w)
}
