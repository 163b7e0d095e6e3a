package diagnose_test

import "github.com/gatemend/gatemend/detect"

// refusals are an nginx that is down because it does not take its configuration.
var refusals = map[string]live{
	"nginx refused its configuration": {func(f *detect.Facts) { refusedConf(f) }, detect.Sick, detect.NginxConfigInvalid, false, false, map[string]string{"file": "/etc/nginx/conf.d/broken.conf"}},
	"nginx refused its configuration, which was changed since": {func(f *detect.Facts) {
		refusedConf(f)
		f.Nginx.ChangedAt = now.Add(-second / 2)
	}, detect.Sick, detect.NginxDown, true, true, nil},
	"nginx refused its configuration, then the app was started": {func(f *detect.Facts) {
		refusedConf(f)
		f.Unit.InactiveExit, f.Unit.ExecStart = now.Add(-second), now.Add(-second)
	}, detect.Sick, detect.NginxConfigInvalid, false, false, map[string]string{"line": "1"}},
	"nginx refused its configuration, and another one at its last start": {func(f *detect.Facts) {
		refusedConf(f)
		f.Nginx.Unit.InactiveExit = now.Add(-second)
	}, detect.Sick, detect.NginxDown, true, true, nil},
	"nginx could not resolve a name, then the app was started": {func(f *detect.Facts) {
		refusedConf(f)
		f.Lines[0].Event = detect.EventHostNotFound
		f.Unit.InactiveExit, f.Unit.ExecStart = now.Add(-second), now.Add(-second)
	}, detect.Sick, detect.DNSResolve, false, false, nil},
}

// refusedConf is an nginx that a person restarted with a configuration which it does not take.
func refusedConf(f *detect.Facts) {
	f.Nginx.Unit.Active, f.Nginx.Unit.Sub, f.Nginx.Master, f.Nginx.Test = "failed", "failed", nil, nil
	f.Nginx.Unit.InactiveExit = now.Add(-5 * second / 2)
	f.Nginx.LoadedAt, f.Nginx.ChangedAt = 0, now.Add(-3*second)
	f.Public = &detect.Answer{At: now, URL: "http://shop.test/", Outcome: detect.Refused, Errno: 111, Stage: "connect"}
	f.Lines = []detect.Line{line(detect.FromNginxError, detect.EventNginxConfInvalid, map[string]string{"file": "/etc/nginx/conf.d/broken.conf", "line": "1"})}
}
