package detect

// Source says where a line came from, which decides how far it is trusted: an app can
// write anything into its own output, a client much of an nginx line, neither into PID 1's.
type Source string

// Sources of lines.
const (
	FromNginxError  Source = "nginx-error"
	FromNginxAccess Source = "nginx-access"
	FromApp         Source = "app"     // the service's own output, journal or log file
	FromSystemd     Source = "systemd" // PID 1, by _PID=1 or MESSAGE_ID with _UID=0
	FromKernel      Source = "kernel"
	FromStatus      Source = "status" // pasted `systemctl status`
	FromPaste       Source = "paste"  // pasted text of unknown origin
)

// Event is what a line says, as read by detect/nginxlog and detect/signature. The names
// are listed there; "" is a line that says nothing about an outage.
type Event string

// Line is a log line that says something.
type Line struct {
	At     Time              `json:"at,omitempty"`
	Source Source            `json:"source"`
	Event  Event             `json:"event"`
	PID    int               `json:"pid,omitempty"`
	Errno  int               `json:"errno,omitempty"`
	Attr   map[string]string `json:"attr,omitempty"`  // what the line names: path, module, variable, upstream, status …
	Text   string            `json:"text"`            // the line itself, control characters escaped, secrets scrubbed, at most 512 bytes
	Count  int               `json:"count,omitempty"` // how many such lines were folded into this one; 0 means 1
	Since  Time              `json:"since,omitempty"` // of folded lines, when the first came; At is the last
	Ours   bool              `json:"ours,omitempty"`  // caused by our own probe
}
