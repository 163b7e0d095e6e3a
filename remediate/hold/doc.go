// Package hold keeps holds: what a person said by `gatemend pause`. While a hold stands the
// agent does nothing to its site; it goes on looking and telling.
//
// A hold is one small JSON file in a directory that root alone may write, so that it survives
// restarts and reboots, and an agent that was taken over can neither make nor lift one. Only
// [Dir.Pause] and [Dir.Resume] write, as root; everybody who is about to act reads: policy's
// case, the executor's last check, and the root helper.
//
// Reading errs on the side of the person: a file that cannot be read, or that others could have
// written, is a hold of every site until root mends it.
package hold
