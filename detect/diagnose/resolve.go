package diagnose

import (
	"cmp"
	"slices"

	"github.com/gatemend/gatemend/detect"
)

// explains is the confidence from which a finding may explain another away.
const explains detect.Confidence = 60

// resolve merges findings of one cause and puts causes before their consequences; within
// either, the surer one first.
func resolve(found []*finding) []detect.Finding {
	merged := merge(found)
	slices.SortStableFunc(merged, func(a, b *finding) int {
		return cmp.Or(
			cmp.Compare(consequence(a, merged), consequence(b, merged)),
			cmp.Compare(b.Confidence, a.Confidence),
			cmp.Compare(rank(a.Cause), rank(b.Cause)),
		)
	})
	out := make([]detect.Finding, len(merged))
	for i, f := range merged {
		out[i] = f.Finding
	}
	return out
}

// merge keeps, of several findings of one cause, the surest, with the evidence of all.
func merge(found []*finding) []*finding {
	at := map[detect.Cause]int{}
	var out []*finding
	for _, f := range found {
		i, ok := at[f.Cause]
		if !ok {
			at[f.Cause] = len(out)
			out = append(out, f)
			continue
		}
		first, second := out[i], f
		if second.Confidence > first.Confidence {
			first, second = second, first
		}
		first.Evidence = append(first.Evidence, second.Evidence...)
		first.Watch = append(first.Watch, second.Watch...)
		out[i] = first
	}
	return out
}

// consequence is 1 when another finding explains this one. A reason that is gone explains
// nothing any more; a start limit stands whatever made it.
func consequence(f *finding, all []*finding) int {
	info, _ := detect.Info(f.Cause)
	for _, other := range all {
		if other.Gone && other.Cause != detect.StartLimitHit || other.Cause == f.Cause || !slices.Contains(info.ExplainedBy, other.Cause) {
			continue
		}
		if other.Confidence >= explains || other.Confidence >= likely && other.Confidence >= f.Confidence {
			return 1
		}
	}
	return 0
}

// rank is the catalogue's order, which breaks ties.
func rank(c detect.Cause) int {
	return slices.IndexFunc(detect.Catalogue, func(i detect.CauseInfo) bool { return i.Cause == c })
}
