package detect

import "regexp"

// As libpq writes it: `connection to server at "localhost" (::1), port 5432 failed`, and before
// version 14 `could not connect to server: … host "db" (10.0.0.5) and accepting TCP/IP connections on port 5432`.
var servicePort = regexp.MustCompile(`(?:server (?:on|at) |host ")'?"?([\w.-]+)"?'?[^\n]*?port:? (\d+)`)

// Service is the host:port of another service that the line's exception says it could not
// reach, "" where it names none. It is the app's own word.
func (l Line) Service() string {
	if m := servicePort.FindStringSubmatch(l.Attr["message"]); m != nil {
		return m[1] + ":" + m[2]
	}
	return ""
}
