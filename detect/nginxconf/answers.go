package nginxconf

import (
	"slices"
	"strings"
)

// inherited notes the directives by which nginx may answer in place of the app. Each is in
// effect from the innermost level that has one (nginx merges a level's list only when the level has none).
func (r *route) inherited() {
	for _, name := range []string{"limit_req", "limit_conn", "auth_request", "auth_basic", "ssl_verify_client",
		"proxy_cache", "uwsgi_cache", "fastcgi_cache", "proxy_cache_use_stale", "proxy_intercept_errors"} {
		for _, d := range r.level(name) {
			if v := d.arg(0); v != "off" && v != "optional" && v != "optional_no_ca" {
				r.note(d, "%s", strings.TrimSpace(name+" "+strings.Join(shownArgs(d), " ")))
			}
		}
	}
	access := r.level("deny", "allow")
	if slices.ContainsFunc(access, func(d *directive) bool { return d.name == "deny" }) {
		for _, d := range access {
			r.note(d, "%s %s", d.name, d.arg(0))
		}
	}
	for _, d := range r.level("error_page") {
		if len(d.args) > 1 && slices.ContainsFunc(d.args[:len(d.args)-1], gatewayCode) {
			r.note(d, "error_page %s", strings.Join(d.args, " "))
		}
	}
}

// level is the directives of the innermost level that has any of the names.
func (r *route) level(names ...string) []*directive {
	for i := len(r.chain) - 1; i >= 0; i-- {
		if ds := r.chain[i].all(names...); len(ds) > 0 {
			return ds
		}
	}
	return nil
}

// gatewayCode are the codes that nginx itself gives when an upstream fails.
func gatewayCode(code string) bool {
	return slices.Contains([]string{"500", "502", "503", "504"}, code)
}

func shownArgs(d *directive) []string {
	if d.name == "auth_basic" { // "on" is our word for a realm
		return nil
	}
	return d.args
}
