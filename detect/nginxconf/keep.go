package nginxconf

import (
	"slices"
	"strings"
)

// opened are the blocks whose content is looked into.
var opened = map[string]bool{"": true, "http": true, "server": true, "location": true, "if": true, "limit_except": true, "upstream": true}

// keeps are the directives whose arguments hold no secret and say something about a route. All others
// (ssl_certificate_key, proxy_set_header, auth_basic_user_file, set, map …) keep their name only.
var keeps = map[string]func([]string) []string{
	"user": whole, "listen": whole, "server_name": whole, "location": whole, "upstream": whole, "server": whole,
	"error_log": whole, "access_log": whole, "log_format": whole,
	"root": whole, "alias": whole, "try_files": whole, "error_page": withoutQuery,
	"proxy_pass": urls, "uwsgi_pass": urls, "fastcgi_pass": urls, "scgi_pass": urls, "grpc_pass": urls,
	"return": answer, "rewrite": rewriteFlag, "auth_basic": onOff,
	"limit_req": whole, "limit_conn": whole, "auth_request": withoutQuery, "deny": whole, "allow": whole, "satisfy": whole,
	"proxy_cache": whole, "fastcgi_cache": whole, "uwsgi_cache": whole, "proxy_cache_use_stale": whole,
	"proxy_intercept_errors": whole, "ssl_verify_client": whole, "internal": whole, "ssl": whole,
	"keepalive": whole, "zone": whole, "ip_hash": whole, "least_conn": whole,
	"proxy_connect_timeout": whole, "proxy_read_timeout": whole, "proxy_next_upstream": whole,
}

func kept(name string, args []string) []string {
	keep, ok := keeps[name]
	if !ok {
		return nil
	}
	return slices.Clone(keep(args))
}

func whole(args []string) []string { return args }

// urls cuts queries, and a name and password in front of a host.
func urls(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		a, _, _ = strings.Cut(a, "?")
		scheme, rest, ok := strings.Cut(a, "://")
		if !ok {
			scheme, rest = "", a
		} else {
			scheme += "://"
		}
		host, path, slash := strings.Cut(rest, "/")
		if at := strings.LastIndexByte(host, '@'); at >= 0 {
			host = host[at+1:]
		}
		if slash {
			path = "/" + path
		}
		out[i] = scheme + host + path
	}
	return out
}

func withoutQuery(args []string) []string {
	out := make([]string, len(args))
	for i, a := range args {
		out[i], _, _ = strings.Cut(a, "?")
	}
	return out
}

// answer keeps the code of a return, and where a redirect leads; a text may be anything.
func answer(args []string) []string {
	if len(args) == 2 && !strings.HasPrefix(args[0], "3") {
		return args[:1]
	}
	return urls(args)
}

// rewriteFlag keeps how a rewrite goes on: last, break, redirect, permanent.
func rewriteFlag(args []string) []string {
	if len(args) == 3 {
		return args[2:]
	}
	return nil
}

// onOff keeps "off"; a realm is for people who log in.
func onOff(args []string) []string {
	if slices.Equal(args, []string{"off"}) {
		return args
	}
	return []string{"on"}
}
