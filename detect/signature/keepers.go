package signature

import "github.com/gatemend/gatemend/detect"

// keeperLines are what supervisord (process.py, options.py, supervisorctl.py) and Docker say about a server that
// they start. They are read in pasted text only: on the machine itself systemd is asked, and no app may speak
// for whoever starts it.
var keeperLines = []pattern{
	p(detect.EventKeeperGaveUp, "entered FATAL state", `gave up: (?P<program>\S+) entered FATAL state`),
	p(detect.EventKeeperGaveUp, "Exited too quickly", `^\s*(?P<program>\S+)\s+(?:FATAL|BACKOFF)\s+Exited too quickly`),
	p(detect.EventKeeperStopped, "stopped: ", `stopped: (?P<program>\S+) \((?:exit status 0|terminated by SIG(?:TERM|INT|QUIT))\)`),
	p(detect.EventKeeperStopped, "STOPPED", `^\s*(?P<program>\S+)\s+STOPPED\s+(?:\w|$)`),
	p(detect.EventCommandMissing, "exit status 127", `exited: (?P<path>\S+) \(exit status 127`),
	p(detect.EventWorkerKilled, "terminated by SIG", `exited: (?P<program>\S+) \(terminated by SIG(?P<signal>[A-Z]+); not expected\)`),
	p(detect.EventCommandMissing, "spawnerr: can't find command", `spawnerr: can't find command '(?P<path>[^']+)'`),
	p(detect.EventCommandMissing, "is not executable", `spawnerr: command at '(?P<path>[^']+)' is not executable`),
	p(detect.EventCommandMissing, "couldn't chdir to", `couldn't chdir to (?P<path>[^:\s]+)`),
	p(detect.EventCommandDenied, "couldn't setuid to", `couldn't setuid to (?P<path>\S+?):`),
	p(detect.EventVariableMissing, "cannot be expanded", `names \('?ENV_(?P<variable>\w+)'?\) which cannot be expanded`),
	p(detect.EventVariableMissing, "cannot be expanded", `Format string '.*?%\(ENV_(?P<variable>\w+)\)s.* cannot be expanded`),
	p(detect.EventWorkerKilled, "exited with code 13", `^\S+ exited with code (?P<signal>13[79])\b`),
	p(detect.EventOOMKill, "OOMKilled", `(?:Reason: *|"OOMKilled": *)(?:OOMKilled|true)`),
	p(detect.EventAddressInUse, "port is already allocated", `Bind for (?P<target>\S+) failed: port is already allocated`),
	p(detect.EventAddressInUse, "userland proxy", `userland proxy: listen \w+ (?P<target>\S+): bind: address already in use`),
}
