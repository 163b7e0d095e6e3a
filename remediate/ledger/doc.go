// Package ledger is what root itself remembers between two lives of its helper: the effects of
// the last hour, which bound how many more there may be; the mode of each socket while nginx got
// through it, which bounds how far one may be opened again; and who asked for a heal, whom a hold of
// their own does not keep off. All lie in directories of root alone. The agent's state says the same and more, and is not believed: whoever took the agent
// over could have written it.
package ledger
