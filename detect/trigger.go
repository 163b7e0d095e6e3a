package detect

// Trigger is a reason to look at a site, never a reason to act: confirm asks the site itself.
type Trigger struct {
	At     Time   `json:"at"`
	Site   string `json:"site"` // "" when the sensor cannot tell which: all sites look
	Sensor string `json:"sensor"`
	Why    string `json:"why"`            // one line for a person, already escaped
	Lost   bool   `json:"lost,omitempty"` // the sensor lost events or itself: resync
}

// Names of the sensors, as they appear in triggers, status and the audit log.
const (
	SensorUnit      = "unit"       // D-Bus unit signals
	SensorSocket    = "socket"     // inotify on the socket's directory and its parents
	SensorFiles     = "files"      // inotify itself, on which socket and logs stand
	SensorErrorLog  = "error-log"  // nginx error log
	SensorAccessLog = "access-log" // nginx access log
	SensorAppLog    = "app-log"    // gunicorn's own log file
	SensorProbe     = "probe"      // the slow active probe
	SensorOutside   = "outside"    // the site's external URL, asked as a stranger would
	SensorWatch     = "watch"      // what a person would fix, while an incident is escalated
	SensorPerson    = "person"     // heal, approve
	SensorHold      = "hold"       // a person paused or resumed
)
