package e2e

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
)

// lasting is a fault whose advice is followed to the letter, by somebody who has no agent.
type lasting struct {
	name  string
	in    machine.Suite // bookworm if empty
	on    machine.Kind  // unix if empty
	fault string
	cause detect.Cause
	lines []string // the lines of advice that are followed: what each contains, in the order they are done
	hand  string   // what is done instead where a line says it in words only, of what `diagnose` cannot see afterwards
	again string   // what broke it, once more: it answers all the same
}

const (
	restartShop = "systemctl daemon-reload && systemctl restart shop.service"
	restarts    = "systemctl restart shop"
	ask         = serves // nginx's old workers may take one more request after a reload
)

// unitEdited is the unit's file, changed by sed, and a restart, which may fail.
func unitEdited(kind, script string) string {
	return "sed -Ei '" + script + "' /etc/systemd/system/shop." + kind + "; systemctl daemon-reload; systemctl restart shop." + kind + " || true\n"
}

var lastings = []lasting{
	{name: "the master is killed", fault: "kill -9 " + mainPID, cause: detect.GunicornCrashed,
		lines: []string{"systemctl restart shop.service", "Restart=on-failure"}, again: killed("KILL")},
	{name: "the master is told to end", fault: "kill -TERM " + mainPID, cause: detect.GunicornStopped,
		lines: []string{"systemctl start shop.service", "Restart=always"}, again: killed("TERM")},
	{name: "killed until the start limit", fault: unitEdited("service", `s/^\[Service\]/StartLimitBurst=3\nStartLimitIntervalSec=6\n[Service]\nRestart=always\nRestartSec=100ms/`) + killUntil(`[ "$(systemctl show -P SubState shop)" = failed ]`),
		cause: detect.StartLimitHit, lines: []string{"RestartSec=", "systemctl reset-failed"}, again: "n=0\n" + killUntil("n=$((n+1)); [ $n = 80 ]")},
	{name: "gunicorn's umask", fault: unitEdited("service", "s/--umask 007/--umask 077/"), cause: detect.SocketPermission,
		lines: []string{"chgrp", "--umask 007", restartShop}, again: restarts},
	{name: "the app's own group", fault: unitEdited("service", "s/^Group=.*/Group=shop/; s/^(RuntimeDirectoryMode)=.*/\\1=0755/"), cause: detect.SocketPermission,
		lines: []string{"chgrp", "Group=www-data", restartShop}, again: restarts},
	{name: "the runtime directory's mode", fault: unitEdited("service", "s/^(RuntimeDirectoryMode)=.*/\\1=0700/"), cause: detect.SocketDirPerm,
		lines: []string{"chmod", "RuntimeDirectoryMode="}, again: restarts},
	{name: "the socket unit's mode", on: machine.Activated, fault: unitEdited("socket", "s/^(SocketMode)=.*/\\1=0600/; s/^(SocketUser|SocketGroup)=.*/\\1=root/"), cause: detect.SocketPermission,
		lines: []string{"SocketMode=", "systemctl restart shop.socket"}, again: "systemctl restart shop.socket"},
	{name: "a socket in /run itself", fault: unitEdited("service", "/^RuntimeDirectory/d; s#unix:/run/shop/shop.sock#unix:/run/shop.sock#"), cause: detect.BindDenied,
		lines: []string{"RuntimeDirectory=shop", "--bind unix:/run/shop/shop.sock", restartShop}, again: restarts},
	{name: "the socket's directory is nobody's", fault: "systemctl stop shop\n" + unitEdited("service", "/^RuntimeDirectory/d"), cause: detect.BindDenied,
		lines: []string{"RuntimeDirectory=shop", "systemctl restart shop.service"}, again: restarts},
	{name: "a socket where only root may write", in: machine.Trixie, fault: "systemctl stop shop\n" + unitEdited("service", "/^RuntimeDirectory/d; s#unix:/run/shop/shop.sock#unix:/srv/shop.sock#"), cause: detect.BindDenied,
		lines: []string{"RuntimeDirectory=shop", "--bind unix:/run/shop/shop.sock", restartShop, "nginx -t && systemctl reload nginx"}, again: restarts},
	{name: "the unit may make no unix socket", in: machine.Trixie, fault: "systemctl stop shop\n" + unitEdited("service", `s/^\[Service\]/&\nRestrictAddressFamilies=AF_INET AF_INET6/`), cause: detect.BindDenied,
		lines: []string{"RestrictAddressFamilies=AF_UNIX", "systemctl restart shop.service"}, again: restarts},
	{name: "another program has the port", on: machine.TCP, fault: "systemctl stop shop; systemd-run -q --unit=squatter python3 -m http.server -b 127.0.0.1 8000\nsystemctl start --no-block shop\n" + untilFailed, cause: detect.PortInUse,
		lines: []string{"systemctl stop squatter.service", "then: systemctl restart shop.service"}, again: restarts},
	{name: "a port below 1024", on: machine.TCP, fault: unitEdited("service", "s/127.0.0.1:8000/127.0.0.1:81/"), cause: detect.BindDenied,
		lines: []string{"--bind 127.0.0.1:8000", restartShop}, again: restarts},
	{name: "gunicorn binds another socket", fault: unitEdited("service", "s#/run/shop/shop.sock#/run/shop/other.sock#"), cause: detect.UpstreamMismatch,
		lines: []string{"proxy_pass http://unix:/run/shop/other.sock:", "nginx -t && systemctl reload nginx"}, again: restarts},
	{name: "gunicorn binds another port", on: machine.TCP, fault: unitEdited("service", "s/127.0.0.1:8000/127.0.0.1:8001/"), cause: detect.UpstreamMismatch,
		lines: []string{"--bind 127.0.0.1:8000", restartShop}, again: restarts},
	{name: "a page takes longer than nginx waits", fault: edited(page, `time.sleep(1.5); return "at last"`) + forwarded("location / {", "location / { proxy_read_timeout 1s;") + ask502,
		cause: detect.WorkerTimeout, lines: []string{"proxy_read_timeout", "systemctl reload nginx"}, again: ask},
	{name: "a page takes longer than gunicorn waits", fault: gunicorn("--timeout 5") + edited(page, `time.sleep(7); return "at last"`) + ask502,
		cause: detect.WorkerTimeout, lines: []string{"--timeout 20", restartShop}, again: ask},
	{name: "a page takes longer than gunicorn 23 waits", in: machine.Trixie, fault: gunicorn("--timeout 5") + edited(page, `time.sleep(7); return "at last"`) + ask502,
		cause: detect.WorkerTimeout, lines: []string{"--timeout 20", restartShop}, again: ask},
	{name: "more clients than the queue holds", fault: gunicorn("--backlog 4") + crowd + untilLogged("Resource temporarily unavailable"),
		cause: detect.BacklogFull, lines: []string{"--threads 16", restartShop}, again: ask},
	{name: "a header of 20 kB", fault: edited(page, `return "x", 200, {"X-Big": "x" * 20000}`) + ask502, cause: detect.HeaderTooBig,
		lines: []string{"proxy_buffer_size", "systemctl reload nginx"}, again: ask},
	{name: "https to a plain gunicorn", fault: gunicorn("--timeout 3") + forwarded("http://unix", "https://unix"), cause: detect.ProtocolMismatch,
		lines: []string{"proxy_pass http://unix:/run/shop/shop.sock:", "systemctl reload nginx"}, again: ask},
	{name: "uwsgi_pass to gunicorn", fault: gunicorn("--timeout 3") + forwarded("proxy_pass http://unix", "uwsgi_pass unix"), cause: detect.ProtocolMismatch,
		lines: []string{"proxy_pass http://unix:/run/shop/shop.sock:", "systemctl reload nginx"}, again: ask},
	{name: "http to a gunicorn with a certificate", on: machine.TCP, fault: certificate, cause: detect.ProtocolMismatch,
		lines: []string{"proxy_pass https://127.0.0.1:8000", "systemctl reload nginx"}, again: restarts},
	{name: "http to a gunicorn with a certificate, unix", fault: certificate, cause: detect.ProtocolMismatch,
		lines: []string{"proxy_pass https://unix:", "systemctl reload nginx"}, again: restarts},
	{name: "a name that no resolver answers", fault: forwarded("proxy_pass http.*", "resolver 127.0.0.1:5353 ipv6=off; resolver_timeout 1s; set $backend app.internal; proxy_pass http://$backend:8000;") + ask502,
		cause: detect.DNSResolve, lines: []string{"proxy_pass http://unix:/run/shop/shop.sock:", "systemctl reload nginx"}, again: ask},
	{name: "a name that no resolver is asked for", fault: forwarded("proxy_pass http.*", "set $backend app.internal; proxy_pass http://$backend:8000;") + ask502,
		cause: detect.DNSResolve, lines: []string{"proxy_pass http://unix:/run/shop/shop.sock:", "systemctl reload nginx"}, again: ask},
	{name: "a name that nginx cannot resolve when it starts", fault: `sed -i 's#proxy_pass .*#proxy_pass http://app.internal:8000;#' /etc/nginx/sites-available/shop; systemctl restart nginx || true`,
		cause: detect.DNSResolve, lines: []string{"proxy_pass http://unix:/run/shop/shop.sock:", "systemctl start nginx"}, again: "systemctl restart nginx"},
	{name: "nginx is killed", fault: "systemctl kill -s KILL nginx", cause: detect.NginxDown,
		lines: []string{"systemctl start nginx", "Restart=on-failure"}, again: "systemctl kill -s KILL nginx"},
	{name: "the app may open few files", fault: "mkdir -p /etc/systemd/system/shop.service.d; printf '[Service]\\nLimitNOFILE=40\\n' >/etc/systemd/system/shop.service.d/files.conf; systemctl daemon-reload\n" +
		edited(page, `kept = [open("/dev/null") for _ in range(50)]; return str(len(kept))`), cause: detect.FDExhausted,
		lines: []string{"LimitNOFILE=65536", "systemctl restart shop.service"}, again: ask},
	{name: "nginx has no connections left", fault: `sed -i 's#worker_connections .*#worker_connections 8;#; s#^worker_processes.*#worker_processes 1;#' /etc/nginx/nginx.conf; systemctl restart nginx` + "\n" + clients("20", "/slow?s=20"),
		cause: detect.FDExhausted, lines: []string{"worker_rlimit_nofile", "worker_connections", "systemctl reload nginx"}, again: "pkill curl || true\n" + clients("20", "/slow?s=1")},
	{name: "gunicorn's log has no directory", fault: unitEdited("service", "s#--umask#--error-logfile /var/log/shop/error.log --umask#"), cause: detect.UnitUserWrong,
		lines: []string{"LogsDirectory=shop", "systemctl restart shop.service"}, again: restarts},
	{name: "gunicorn may not make its log", fault: unitEdited("service", "s#--umask#--error-logfile /var/log/shop.log --umask#"), cause: detect.UnitUserWrong,
		lines: []string{"touch /var/log/shop.log", "systemctl restart shop.service"}, again: restarts},
	{name: "the socket is gone, and its service does not require it", on: machine.Activated, fault: unitEdited("service", "/^Requires=/d") + "rm /run/shop.sock", cause: detect.SocketMissing,
		lines: []string{"systemctl stop shop.socket shop.service && systemctl start shop.socket"}, again: restarts},
	{name: "the app's file is root's alone", fault: "chmod 600 /srv/shop/app.py; chown root:root /srv/shop/app.py; rm -rf /srv/shop/__pycache__; systemctl restart shop || true",
		cause: detect.AppImportError, lines: []string{"chmod o+r /srv/shop/app.py", "systemctl restart shop.service"}, again: restarts},
	{name: "the user does not exist", fault: unitEdited("service", "s/^User=.*/User=nosuchuser/"), cause: detect.UnitUserWrong,
		lines: []string{"useradd --system", restartShop}, again: restarts},
	{name: "every process is stopped", fault: "systemctl kill -s STOP shop", cause: detect.GunicornHung, lines: []string{"-s CONT"}, again: ask},
	{name: "systemd goes by the old unit", fault: "kill -9 " + mainPID + "; sed -i 's/--workers 2/--workers 1/' /etc/systemd/system/shop.service", cause: detect.UnitStale,
		lines: []string{restartShop}, again: restarts},
	{name: "workers are recycled under clients", fault: keptAlive + gunicorn("--threads 8 --max-requests 10") + recycling, cause: detect.WorkerRecycled,
		hand: "sed -i 's/--max-requests 10//' /etc/shop/shop.env; systemctl restart shop" + serves, again: noneLost},
	{name: "workers with threads are recycled under clients", in: machine.Trixie, fault: keptAlive + gunicorn("--threads 8 --max-requests 10") + recycling, cause: detect.WorkerRecycled,
		hand: "sed -i 's/--threads 8//' /etc/shop/shop.env; systemctl restart shop" + serves, again: noneLost},
}

// ask502 is clients that are not answered.
const ask502 = "for i in 1 2 3 4 5 6; do curl -s -o /dev/null http://shop.example.com/ & done; wait\n"

// untilFailed waits for the end of a start: gunicorn tries to bind five times.
const untilFailed = "timeout 20 sh -c 'until systemctl -q is-failed shop; do sleep 0.2; done'\n"

// killUntil kills whatever master there is, as often as it takes.
func killUntil(done string) string {
	return "until " + done + "; do p=" + mainPID + `; [ "$p" = 0 ] || kill -9 "$p" || true; sleep 0.2; done` + "\n"
}

// killed sends the master a signal, and waits for the next one: what is left of the old one answers for a while.
func killed(signal string) string {
	return "p=" + mainPID + "; kill -s " + signal + ` $p
timeout 60 sh -c "until m=\$(systemctl show -P MainPID shop); [ \$m != 0 ] && [ \$m != $p ]; do sleep 0.1; done"` + "\n"
}

// untilLogged waits for a line in nginx's error log.
func untilLogged(text string) string {
	return "timeout 60 sh -c 'until grep -q \"" + text + "\" /var/log/nginx/error.log; do sleep 0.2; done'\n"
}

// TestLastingFixes follows the advice on each fault as it is printed, and breaks the shop the same way
// again: it must answer, or come back, by itself. What is written is the same on both releases: only what
// gunicorn does otherwise is done on the other.
func TestLastingFixes(t *testing.T) {
	for _, suite := range machine.Suites {
		for _, kind := range machine.Kinds {
			for list := range slices.Chunk(lastingsOf(suite, kind), aMachine) {
				t.Run(string(suite)+" "+string(kind), func(t *testing.T) {
					m := open(t, setup{suite: suite, kind: kind, prepare: asDeployed, idle: true})
					for _, l := range list {
						t.Run(l.name, func(t *testing.T) { m.lasts(t, l) })
					}
				})
			}
		}
	}
}

func lastingsOf(suite machine.Suite, kind machine.Kind) []lasting {
	return slices.DeleteFunc(slices.Clone(lastings), func(l lasting) bool {
		return cmp.Or(l.in, machine.Bookworm) != suite || cmp.Or(l.on, machine.Unix) != kind
	})
}

func (m *shop) lasts(t *testing.T, l lasting) {
	one := *m
	one.tb = t
	defer func() { one.Sh(t, "rm -f /run/crowd; pkill curl || true\n"+anew) }()
	one.Sh(t, l.fault)
	if len(l.lines) == 0 {
		one.Sh(t, l.hand)
		one.Sh(t, l.again)
		return
	}
	var f detect.Finding
	one.Eventually(t, "it is "+string(l.cause), 90*time.Second, func() (err error) {
		if f, err = one.advised(); err == nil && f.Cause != l.cause {
			err = fmt.Errorf("it is %s: %v", f.Cause, f.Evidence)
		}
		return err
	})
	t.Logf("advice:\n%s", strings.Join(f.Advised(), "\n"))
	for _, want := range l.lines {
		one.Sh(t, one.line(f.Advised(), want))
	}
	one.answersAgain(healsWithin)
	one.Sh(t, l.again)
	one.answersAgain(healsWithin)
}

// line is the script of the one line of advice with these words.
func (m *shop) line(advice []string, words string) string {
	m.tb.Helper()
	for _, a := range advice {
		if strings.Contains(a, words) {
			return follow(a)
		}
	}
	m.tb.Fatalf("no line of the advice says %q:\n%s", words, strings.Join(advice, "\n"))
	return ""
}
