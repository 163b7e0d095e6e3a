package e2e

import (
	"strings"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// edited is a deploy with a mistake: a line of the app is another, and the unit restarted.
func edited(from, to string) string {
	return `sed -i 's#` + from + `#` + to + `#' /srv/shop/app.py; systemctl restart shop || true` + "\n"
}

// page is the line of the app that answers the page which is probed.
const page = `return f"{GREETING}.n"`

// forwarded is another line in nginx's configuration, loaded and met by a client.
func forwarded(from, to string) string {
	return `sed -i 's#` + from + `#` + to + `#' /etc/nginx/sites-available/shop` + "\n" + reloadAndAsk
}

// gunicorn gives it more options.
func gunicorn(args string) string {
	return `echo 'GUNICORN_CMD_ARGS="` + args + `"' >>/etc/shop/shop.env; systemctl restart shop` + serves
}

// met asks until nginx says in its error log what it does not like: what the agent's own request makes it say may be
// read a moment too late for the look that made it.
func met(text string) string {
	return `timeout 60 sh -c 'until ` + strings.TrimSuffix(asked, "\n") + `; grep -q "` + text + `" /var/log/nginx/error.log; do sleep 0.1; done'` + "\n"
}

// clients ask for a path so often, all at once, and nobody waits for them.
func clients(n, path string) string {
	return "for i in $(seq " + n + "); do curl -s -o /dev/null 'http://shop.example.com" + path + "' >/dev/null 2>&1 & done\n"
}

// keptAlive makes nginx keep its connections to the shop.
var keptAlive = "echo 'upstream shop { server unix:/run/shop/shop.sock; keepalive 8; }' >/etc/nginx/conf.d/upstream.conf\n" +
	forwarded("proxy_pass .*", `proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Connection "";`)

// recycling is clients whose requests nginx may not send a second time, until several have failed. The
// first seconds of a start do not count, nor does who asked whether it has started.
const (
	recycling = "sleep 4\ntimeout 60 sh -c 'until [ \"$(grep -c \"POST .* 502 \" /var/log/nginx/access.log)\" -ge 8 ]; do\n" + posts + "done'\n"
	noneLost  = "truncate -s 0 /var/log/nginx/access.log\n" + posts + posts + `! grep -q 'POST .* 502 ' /var/log/nginx/access.log` + "\n"
	posts     = "for c in 1 2 3 4; do for i in $(seq 20); do curl -s -o /dev/null -X POST http://shop.example.com/status/200; done & done; wait\n"
)

// crowd is ten clients who come again as soon as they are turned away.
const crowd = `touch /run/crowd
for i in 1 2 3 4 5 6 7 8 9 10; do while [ -e /run/crowd ]; do curl -s -o /dev/null 'http://shop.example.com/slow?s=20' || true; sleep 0.2; done >/dev/null 2>&1 & done
`

// tmpfs is a file system of 64 KiB without room.
func tmpfs(dir, owner string) string {
	return "mkdir -p " + dir + "; mount -t tmpfs -o size=64k,uid=$(id -u " + owner + ") small " + dir + "; head -c 1M /dev/zero >" + dir + "/fill 2>/dev/null || true\n"
}

// certificate makes gunicorn speak TLS.
const certificate = `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=shop -keyout /srv/key.pem -out /srv/cert.pem 2>/dev/null; chown shop /srv/key.pem
sed -i 's#--workers#--certfile /srv/cert.pem --keyfile /srv/key.pem --workers#' /etc/systemd/system/shop.service; systemctl daemon-reload; systemctl restart shop`

// troubles are the causes that no test of its own produces.
var troubles = []trouble{
	{name: "a page takes longer than gunicorn waits", fault: gunicorn("--timeout 5") + edited(page, "time.sleep(30)"),
		cause: detect.WorkerTimeout, names: []string{"WORKER TIMEOUT"}},
	{name: "a page takes longer than nginx waits", fault: edited(page, `time.sleep(3); return "at last"`) + forwarded("location / {", "location / { proxy_read_timeout 1s;"),
		cause: detect.WorkerTimeout, names: []string{"upstream timed out"}},
	{name: "more clients than the queue holds", prepare: gunicorn("--backlog 4"), fault: crowd, within: 150 * time.Second,
		cause: detect.BacklogFull, names: []string{"/run/shop/shop.sock", "errno 11"}, mend: "rm -f /run/crowd; pkill curl || true"},
	{name: "a header of 20 kB", fault: edited(page, `return "x", 200, {"X-Big": "x" * 20000}`) + met("too big header"),
		cause: detect.HeaderTooBig, names: []string{"too big header", "proxy_buffer_size"}},
	{name: "https to a plain gunicorn", fault: forwarded("http://unix", "https://unix"),
		cause: detect.ProtocolMismatch, names: []string{"https", "/etc/nginx/sites-enabled/shop:8"}},
	{name: "uwsgi_pass to gunicorn", fault: forwarded("proxy_pass http://unix", "uwsgi_pass unix"),
		cause: detect.ProtocolMismatch, names: []string{"uwsgi", "/etc/nginx/sites-enabled/shop:8"}},
	{name: "a name that no resolver answers", fault: forwarded("proxy_pass http.*", "resolver 127.0.0.1:5353 ipv6=off; resolver_timeout 1s; set $backend app.internal; proxy_pass http://$backend:8000;"),
		cause: detect.DNSResolve, names: []string{"app.internal"}},
	{name: "a name that nginx cannot resolve when it starts", fault: `sed -i 's#proxy_pass .*#proxy_pass http://app.internal:8000;#' /etc/nginx/sites-available/shop; systemctl restart nginx || true`,
		cause: detect.DNSResolve, names: []string{"app.internal", "/etc/nginx/sites-enabled/shop:8"}},
	{name: "limit_req", fault: "echo 'limit_req_zone $server_name zone=all:1m rate=1r/m;' >/etc/nginx/conf.d/limit.conf\n" +
		forwarded("location / {", "location / { limit_req zone=all;") + clients("8", "/"),
		cause: detect.NginxAnswered, names: []string{"/etc/nginx/sites-enabled/shop:7: limit_req"}},
	{name: "auth_request", fault: forwarded("location / {", "location = /auth { return 404; } location / { auth_request /auth;"),
		cause: detect.NginxAnswered, names: []string{"/etc/nginx/sites-enabled/shop:7: auth_request"}},
	{name: "the app leaks files", fault: "mkdir -p /etc/systemd/system/shop.service.d; printf '[Service]\\nLimitNOFILE=40\\n' >/etc/systemd/system/shop.service.d/files.conf; systemctl daemon-reload\n" +
		edited(page, `globals().setdefault("kept", []).extend(open("/dev/null") for _ in range(50)); return "x"`),
		cause: detect.FDExhausted, names: []string{"Too many open files", "/srv/shop/app.py", "LimitNOFILE"}},
	{name: "nginx has no connections left", fault: `sed -i 's#worker_connections .*#worker_connections 8;#' /etc/nginx/nginx.conf; sed -i 's#^worker_processes.*#worker_processes 1;#' /etc/nginx/nginx.conf; systemctl restart nginx` + "\n" + clients("20", "/slow?s=20"),
		cause: detect.FDExhausted, names: []string{"worker_connections"}, mend: "pkill curl || true"},
	{name: "no room for what the app writes when it starts", fault: tmpfs("/srv/cache", "shop") + edited("^app = Flask.*", `&\nopen("/srv/cache/index", "w").write("x" * 9000)`),
		cause: detect.DiskFull, names: []string{"No space left on device", "/srv/shop/app.py"}, mend: "umount /srv/cache"},
	{name: "no memory for what the app loads", fault: "mkdir -p /etc/systemd/system/shop.service.d; printf '[Service]\\nLimitAS=1G\\n' >/etc/systemd/system/shop.service.d/memory.conf; systemctl daemon-reload\n" +
		edited("^app = Flask.*", `&\ncache = bytearray(1 << 31)`),
		cause: detect.WorkerOOM, names: []string{"MemoryError", "/srv/shop/app.py:", "LimitAS"}},
	{name: "workers are recycled under clients", fault: keptAlive + gunicorn("--threads 8 --max-requests 10") + recycling,
		state: agent.Degraded, cause: detect.WorkerRecycled, names: []string{"max-requests"}},
	{name: "the path's last owner was killed", fault: thief("--umask 007 --group www-data") + "systemctl kill -s KILL thief",
		state: agent.Recovered, cause: detect.SocketStale, verbs: []policy.Verb{policy.RestartUnit}},
	{name: "the app's file is root's alone", fault: "chmod 600 /srv/shop/app.py; chown root:root /srv/shop/app.py; rm -rf /srv/shop/__pycache__; systemctl restart shop || true",
		cause: detect.AppImportError, names: []string{"chmod o+r /srv/shop/app.py", "shop may not read it"}},
	{name: "the program's interpreter is missing", fault: "mkdir -p /opt/venv/bin; sed '1s#.*#\\#!/opt/venv/bin/python3.9#' /usr/bin/gunicorn >/opt/venv/bin/gunicorn; chmod 755 /opt/venv/bin/gunicorn\n" +
		dropIn("[Service]\nExecStart=\nExecStart=/opt/venv/bin/gunicorn --umask 007 --bind unix:/run/shop/shop.sock app:app"),
		cause: detect.ExecPathWrong, names: []string{"/opt/venv/bin/gunicorn"}, mend: "rm -rf /opt/venv"},
	{name: "the app ends without a word when it starts", fault: edited("^import os$", "import os; os._exit(7)"),
		cause: detect.AppStartup, names: []string{"Booting worker"}},
	{name: "the app's database is away when it starts", fault: edited("^app = Flask.*", `&\nimport socket; socket.create_connection(("127.0.0.1", 5432))`),
		cause: detect.AppStartup, names: []string{"Connection refused", "/srv/shop/app.py:"}},
	{name: "the umask shuts nginx out", fault: `sed -i 's/--umask 007/--umask 077/' /etc/systemd/system/shop.service; systemctl daemon-reload; systemctl restart shop`,
		state: agent.Recovered, cause: detect.SocketPermission, verbs: []policy.Verb{policy.FixSocketMode}},
	{name: "the worker hangs up without a word", fault: edited(page, `request.environ["gunicorn.socket"].shutdown(2); return ""`),
		cause: detect.Unknown, names: []string{": closed; connect as www-data: connected"}},
	{name: "http to a gunicorn with a certificate", on: machine.TCP, fault: certificate, cause: detect.ProtocolMismatch, names: []string{"--certfile"}},
	{name: "http to a gunicorn with a certificate, unix", fault: certificate, cause: detect.ProtocolMismatch, names: []string{"--certfile"}},
	{name: "no way to the address", on: machine.TCP, fault: "ip rule add pref 10 lookup local; ip rule del pref 0; ip rule add pref 5 to 127.0.0.1 ipproto 6 dport 8000 unreachable",
		cause: detect.NetUnreachable, names: []string{"127.0.0.1:8000", "network is unreachable"}, mend: "ip rule add pref 0 lookup local; ip rule del pref 5; ip rule del pref 10"},
}

// elsewhere are the causes that tests of their own produce on Debian 12 only.
var elsewhere = []trouble{
	{name: "a reload is forgotten", fault: proxyTo(targets[machine.Unix], aside[machine.Unix]) + reloadAndAsk,
		cause: detect.UpstreamMismatch, names: []string{"/run/shop/gone.sock"},
		fix: proxyTo(aside[machine.Unix], targets[machine.Unix]), left: detect.NginxConfigStale, fixed: []policy.Verb{policy.ReloadNginx}},
	{name: "systemd goes by the old unit", fault: "sed -i 's/--workers 2/--workers 1/' /etc/systemd/system/shop.service; kill -9 " + mainPID,
		state: agent.Recovered, cause: detect.UnitStale, verbs: []policy.Verb{policy.DaemonReloadRestart}},
	{name: "every thread waits for a lock", prepare: `echo 'GUNICORN_CMD_ARGS="--threads=2"' >>/etc/shop/shop.env; systemctl restart shop`,
		fault: `for i in 1 2 3 4 5 6 7 8 9 10; do curl -s -m 1 http://shop.example.com/deadlock >/dev/null & done; wait`, within: 120 * time.Second,
		state: agent.Recovered, cause: detect.GunicornHung, verbs: []policy.Verb{policy.EndLeftoversRestart}},
}
