package detect

import "testing"

func TestServiceOfALine(t *testing.T) {
	for message, want := range map[string]string{
		`connection to server at "localhost" (::1), port 5432 failed: Connection refused`:                       "localhost:5432",
		`Is the server running on host "db.internal" (10.0.0.5) and accepting TCP/IP connections on port 5433?`: "db.internal:5433",
		`No module named 'flask'`:       "",
		`server at "x", and later port`: "",
	} {
		if got := (Line{Attr: map[string]string{"message": message}}).Service(); got != want {
			t.Errorf("%s: %q", message, got)
		}
	}
	if got := (Line{}).Service(); got != "" {
		t.Errorf("a line that says nothing names %q", got)
	}
}
