package machine

import _ "embed"

// launchScript boots a machine: see launch.sh for why it is a script of its own and not nspawn alone.
//
//go:embed launch.sh
var launchScript string
