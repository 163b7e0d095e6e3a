// Package envfile reads environment files as systemd does (EnvironmentFile= in systemd.exec(5)). They hold
// secrets: what is shown or kept of them are [Names] only.
package envfile
