// Package diagnose names the cause of an outage: [Diagnose] is a pure function from facts to
// a diagnosis, without a clock and without input or output.
//
// It is a table of rules. Every rule looks at the same view of the facts and either holds,
// with one cause, its evidence and a confidence, or says why not; all of them stand in the
// trace. What they found is then put in order: a cause that another one found explains (the
// catalogue's ExplainedBy: a dead gunicorn explains the missing socket, not the other way
// round) is a consequence and goes to Also.
//
// Two things are never taken for what they are not. Absence of a fact is not health: where
// nothing is known the answer is uncertain. And a log line alone never acts: with live facts, a
// finding whose evidence is only what clients or the app could have written stays below
// [detect.ActAt]; that is enforced in one place for all rules, see limit.
package diagnose
