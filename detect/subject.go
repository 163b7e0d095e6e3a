package detect

// Keys of [Finding.Subject] that decisions read. All others are for a person.
const (
	SubjectUnit      = "unit"
	SubjectPath      = "path"      // socket or directory that a mode is about
	SubjectLeftovers = "leftovers" // "yes": deactivating for 2 s or more with processes left
	SubjectWantMode  = "want_mode" // octal, e.g. "0660": what the baseline or the unit states
	SubjectGroups    = "groups"    // "stale": /etc/group grants what the running nginx workers lack
	SubjectLimbo     = "limbo"     // "yes": the master is exiting, its socket is gone already
	SubjectStarting  = "starting"  // "yes": of unknown, the unit is on its way up and its first answer is due
	SubjectRight     = "right"     // "yes": a restart of the unit would create the socket with the right mode
)
