package evidence

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// status fills the unit's state from a pasted `systemctl status`, of the app's unit or of nginx's.
func status(f *detect.Facts, lines []detect.Line) {
	about := ""
	for _, l := range lines {
		if l.Event == detect.EventStatusUnit {
			about = l.Attr["unit"]
			continue
		}
		if !strings.HasPrefix(string(l.Event), "status-") {
			continue
		}
		if u := subject(f, about); u != nil {
			set(u, l)
		}
	}
}

// subject is the unit that the status is about. A unit whose properties are given is not overruled.
func subject(f *detect.Facts, about string) *detect.Unit {
	if strings.HasPrefix(about, "nginx") {
		if f.Nginx == nil {
			f.Nginx = &detect.Nginx{}
		}
		if f.Nginx.Unit == nil {
			f.Nginx.Unit = &detect.Unit{Name: about}
		}
		return f.Nginx.Unit
	}
	if f.Unit == nil {
		f.Unit = &detect.Unit{}
	}
	if f.Unit.Active != "" && f.Unit.Load != "" && about == "" && f.Unit.Name == "" {
		return f.Unit
	}
	if f.Unit.Name == "" {
		f.Unit.Name = about
	}
	return f.Unit
}

func set(u *detect.Unit, l detect.Line) {
	switch l.Event {
	case detect.EventStatusActive:
		u.Active, u.Sub, u.Result = l.Attr["active"], l.Attr["sub"], l.Attr["result"]
		if u.Active == "failed" {
			u.Sub = "failed"
		}
	case detect.EventStatusLoaded:
		u.Load, u.FileState = l.Attr["load"], l.Attr["file_state"]
		if u.Fragment == "" && strings.HasPrefix(l.Attr["path"], "/") {
			u.Fragment = l.Attr["path"]
		}
	case detect.EventStatusMain, detect.EventStatusProcess:
		if c := exitCode(l.Attr["code"]); c != 0 {
			u.ExitCode, u.ExitStatus = c, number(leadingDigits(l.Attr["status"]))
		}
	}
}

func leadingDigits(s string) string {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	return s[:end]
}
