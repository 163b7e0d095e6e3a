package detect

import "testing"

func TestProofOf(t *testing.T) {
	answered := func(status int) *Answer { return &Answer{Outcome: Answered, Status: status} }
	for name, tt := range map[string]struct {
		public, upstream *Answer
		b                *Baseline
		want             string
	}{
		"forwarded":                          {answered(200), answered(200), nil, "upstream"},
		"forwarded, the app says no":         {answered(404), answered(404), nil, "upstream"},
		"nginx's own 404, and the app's":     {&Answer{Outcome: Answered, Status: 404, ByNginx: true}, answered(404), nil, ""},
		"nginx's own 404, the app's before":  {&Answer{Outcome: Answered, Status: 404, ByNginx: true}, answered(404), &Baseline{Status: 404}, ""},
		"nginx wants a password, as always":  {answered(401), answered(200), &Baseline{Status: 401}, "baseline"},
		"error_page 502 =200":                {answered(200), &Answer{Outcome: Refused}, nil, ""},
		"a static front over a sick app":     {answered(200), answered(500), nil, ""},
		"another status, nothing remembered": {answered(301), answered(200), &Baseline{}, ""},
		"equal, but sick":                    {answered(502), answered(502), &Baseline{Status: 502}, ""},
		"not asked":                          {nil, answered(200), nil, ""},
	} {
		if got := ProofOf(tt.public, tt.upstream, tt.b); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
