// Package unit reads systemd's units over D-Bus, and notices when one changes. It only reads.
//
// [Bus] is one long-lived connection for questions: what systemd holds of a unit, with what the unit's
// command and files tell about the server in it, as one [detect.Unit]. [Watch] is the sensor: its own
// connection, signals filtered by unit, a re-read after each, and a [detect.Trigger] when something
// really changed. Neither holds a timer while nothing happens.
//
// D-Bus gives ExecStart= already split, drop-ins merged and NeedDaemonReload computed, so that unit
// files are not parsed; one thing it does not give is the path of StandardError=append:, which is read
// from the files.
//
// Environment= can be read by every local user and holds secrets: names leave this package, values
// do not.
package unit
