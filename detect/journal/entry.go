package journal

import "github.com/gatemend/gatemend/detect"

// Entry is one journal entry. Message and Fields are hostile text unless Source is FromSystemd or
// FromKernel: bounded in size, not escaped.
type Entry struct {
	At         detect.Time
	PID        int
	UID        int // -1 when unknown
	Source     detect.Source
	MessageID  string
	Identifier string            // SYSLOG_IDENTIFIER: "systemd", "gunicorn", "(gunicorn)", "sudo"
	Invocation string            // of the unit: ties the lines of one start together
	Fields     map[string]string // those of [Fields] that the entry has
	Message    string            // at most 16 KiB, valid UTF-8
	Cursor     string
}

// Fields are the fields kept of an entry besides those with a place of their own.
var Fields = []string{
	"UNIT", "JOB_TYPE", "JOB_RESULT", "EXIT_CODE", "EXIT_STATUS", "UNIT_RESULT", "N_RESTARTS",
	"EXECUTABLE", "ERRNO", "COMMAND", "PRIORITY", "COREDUMP_SIGNAL_NAME", "COREDUMP_EXE", "_TRANSPORT",
	"_SYSTEMD_UNIT", "_STREAM_ID", "_COMM",
	"GATEMEND_AUDIT_SEQ", "GATEMEND_AUDIT_HASH", // heads of the agent's own record
}

// Message ids of systemd (src/systemd/sd-messages.h). Texts differ between versions and with
// StatusUnitFormat=; these do not.
const (
	Starting       = "7d4958e842da4a758f6c1cdc7b36dcc5"
	Started        = "39f53479d3a045ac8e11786248231fbf"
	StartFailed    = "be02cf6855d2428ba40df7e9d022f03d"
	Stopping       = "de5b426a63be47a7b6ac3eaac82e2f6f"
	Stopped        = "9d1aaa27d60140bd96365438aad20286"
	ProcessExit    = "98e322203f7a4ed290d09fe03c09fe15"
	FailureResult  = "d9b373ed55a64feb8242e02dbe79a49c"
	Deactivated    = "7ad2d189f7e94e70a38c781354912448"
	RestartPlanned = "5eb03494b6584870a536b337290809b3"
	SpawnFailed    = "641257651c1b4ec9a8624d7a40a9e1e7"
	OutOfMemory    = "fe6faa94e7774663a0da52717891d8ef"
	CoreDump       = "fc2e22bc6ee647b6b90729ab34a250b1"
)

const maxMessage = 16 << 10

// sourceOf decides from journald's own fields alone.
func sourceOf(raw fields) detect.Source {
	switch {
	case raw.text("_TRANSPORT") == "kernel" || raw.text("_TRANSPORT") == "audit":
		return detect.FromKernel
	case raw.text("_PID") == "1":
		return detect.FromSystemd
	case raw.text("MESSAGE_ID") == SpawnFailed && spawnedBySystemd(raw):
		return detect.FromSystemd
	}
	return detect.FromApp
}

// spawnedBySystemd tells the forked child that still runs systemd's code: as root, or, where User=
// was applied before the step that failed, by the executable that journald read from /proc/PID/exe. The
// child is often gone before journald looks: see vouch.
func spawnedBySystemd(raw fields) bool {
	switch raw.text("_EXE") {
	case "/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/usr/lib/systemd/systemd-executor":
		return true
	}
	return raw.text("_UID") == "0"
}
