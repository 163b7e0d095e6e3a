// Package plans keeps what a person was shown: the case and the decision of each plan, by the
// plan's ID. `heal --plan` and `approve` compare it with what is so now, and can say what moved.
//
// A plan gives nobody a right: what is done is decided anew, by the facts of then. One that was
// altered on the disk no longer has its ID, and is refused.
package plans
