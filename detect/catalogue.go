package detect

// CauseInfo describes one cause for reports and for `gatemend explain CAUSE`.
type CauseInfo struct {
	Cause   Cause
	Title   string // one line
	Meaning string // what happens, in two or three sentences
	Seen    string // how it is established
	Mend    string // what a person does for good
	// ExplainedBy lists causes that, when found, explain this one: a dead gunicorn explains
	// the missing socket, not the other way round.
	ExplainedBy []Cause
	// Shared: the cause belongs to the host, not to one site, and gets one action for all.
	Shared bool
}

// Info returns the catalogue's entry; unknown labels give ok false.
func Info(c Cause) (CauseInfo, bool) {
	for _, i := range Catalogue {
		if i.Cause == c {
			return i, true
		}
	}
	return CauseInfo{}, false
}

// Catalogue is every cause, in the order in which reports list them. Read only.
var Catalogue = []CauseInfo{
	{Cause: GunicornStopped, Title: "gunicorn is stopped"},
	{Cause: GunicornCrashed, Title: "gunicorn crashed"},
}
