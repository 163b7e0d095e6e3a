// Package detect is the vocabulary of what gatemend sees: sites and routes, the
// facts of one moment, the causes of an outage and a diagnosis that names one.
//
// The story of an incident, in the types of this package: a [Trigger] is a reason
// to look at a [Site]; looking gives [Facts]; a pure function over facts gives a
// [Diagnosis], whose primary [Finding] names a [Cause] with its evidence. Nothing
// here acts, and nothing in the subpackages changes the machine: reading is theirs,
// deciding is package policy's, doing is package remediate's.
//
// Every type marshals to JSON of integers and strings only, with times in
// microseconds, so that a case can be stored, compared byte for byte and replayed.
package detect
