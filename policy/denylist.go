package policy

import (
	"slices"
	"strings"
)

const nginxUnit = "nginx.service"

// denied are units that are never touched, whatever the file says: losing one of them
// costs more than any outage. A name matches whole, or as the template of an instance;
// one that ends in "*" matches as a prefix.
var denied = []string{
	"docker", "dockerd", "containerd", "crio", "podman*", "supervisor*", "lxc*", "libvirt*", "snapd*", "snap.docker*",
	"ssh", "sshd", "dbus*", "polkit", "systemd-*", "init", "user", "user-*", "session-*", "getty", "serial-getty", "console-getty", "autovt",
	"emergency", "rescue", "cron", "crond", "anacron", "networking", "NetworkManager*", "network", "wpa_supplicant*", "nftables", "iptables", "ufw", "firewalld", "rsyslog",
	"mysql*", "mariadb*", "postgresql*", "postgres*", "pgbouncer*", "redis*", "valkey*", "keydb*", "memcached*", "mongod*", "mongodb*", "cassandra*", "elasticsearch*", "opensearch*",
	"influxdb*", "clickhouse*", "rabbitmq*", "etcd*", "couchdb*", "gatemend*",
	"nginx", "openresty", "angie", "apache2", "httpd", "caddy", "haproxy",
}

// fronts are nginx and its kin: denied to every verb but start-nginx and reload-nginx.
var fronts = []string{"nginx", "openresty", "angie"}

// DenyListed tells whether a unit is never to be touched. Anything that is not a plain
// .service or .socket name is: slices, targets, mounts, patterns, paths.
func DenyListed(unit string) bool {
	name, ok := plainName(unit)
	if !ok {
		return true
	}
	template, _, _ := strings.Cut(name, "@")
	return slices.ContainsFunc(denied, func(d string) bool {
		d = strings.ToLower(d)
		if prefix, ok := strings.CutSuffix(d, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return name == d || template == d
	})
}

// IsNginx tells whether a unit name is one that start-nginx and reload-nginx may act on.
func IsNginx(unit string) bool {
	name, ok := plainName(unit)
	return ok && strings.HasSuffix(unit, ".service") && slices.Contains(fronts, name)
}

// plainName is the lower-cased name without its suffix; not ok for what systemd could
// read as a pattern, a path or another kind of unit.
func plainName(unit string) (string, bool) {
	if unit == "" || len(unit) > 255 || strings.HasPrefix(unit, "-") || strings.ContainsAny(unit, "/*?[]{} \t\n\r\x00\"'`$;|&<>") {
		return "", false
	}
	for _, suffix := range []string{".service", ".socket"} {
		if name, ok := strings.CutSuffix(unit, suffix); ok && name != "" {
			return strings.ToLower(name), true
		}
	}
	return "", false
}
