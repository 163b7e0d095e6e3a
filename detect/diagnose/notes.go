package diagnose

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// A note is what a person wrote down as a fact, "key: value", where no log line says anything. A statement that
// leaves one cause is named; one that only points somewhere stands beside. Neither is ever enough to act on.
type note struct {
	cause      detect.Cause
	confidence detect.Confidence
	says       *regexp.Regexp
	advice     string
}

// stated and pointed are the confidence of a note that leaves one cause, and of one that points to it.
const (
	stated  detect.Confidence = 52
	pointed detect.Confidence = 30
)

var notes = []note{
	{detect.StartLimitHit, stated + 2, re(`burst limit|start.?limit|repeated too quickly|too many (re)?starts`), "systemctl reset-failed UNIT && systemctl start UNIT, when what made it fail is mended"},
	{detect.WorkerOOM, stated, re(`: .*(\boom\b|oomkill|out of memory|kill\w* .*\bmemory|code 137)|kill\w*: .*\bmemory|\bswap\w*: .*[1-9].*[mg]i?b`), "free -m; journalctl -k -g 'oom|Killed process'   # fewer --workers, or more memory"},
	{detect.ExecPathWrong, stated, re(`missing: .*(venv|virtualenv|gunicorn|uvicorn|uwsgi|interpreter|binary)|(venv|virtualenv)\w*: *(missing|deleted|gone|false|no\b)|delet\w+ the (venv|virtualenv)`), "make the virtual environment again, with its server, or name the right path in ExecStart="},
	{detect.BindDenied, stated, re(`(run|runtime|socket)_?dir\w*owner: root|(wiped|gone|deleted|emptied|missing)\w*: .*(re)?boot`), "/run is empty after each boot, and only root's: RuntimeDirectory= makes a directory in it for the unit"},
	{detect.UnitUserWrong, stated, re(`as_root: .*fail|denied_path: |^/\S+: d\S{9} +(\d+ +)?root[ :]+root`), "the server runs as another user than its files belong to: User= of the unit, namei -l on the path"},
	{detect.UpstreamMismatch, stated, re(`(uds|socket|bind|port) (is )?ignored|(wrong|different|another|other) (port|path|socket|address)\b`), "ss -lxtnp   # where the server really listens; write that into proxy_pass"},
	{detect.PortInUse, stated, re(`(app|process\w*|server|site): .*(still running|never killed)|: .*(another|second|old) (instance|copy|nginx|process)|(answers|answering|listens|listening) on port`), "ss -lxtnp   # who holds the address: an old process, another program"},
	{detect.AppStartup, stated, re(`before the (database|db)\b|(database|db|postgres\w*|mysql|redis)\w*: .*(not ready|refused|unreachable|down)`), "what the app needs must answer before it starts: After= and Requires=, or a retry in the app"},
	{detect.WorkerTimeout, stated, re(`\b504 after|timed? ?out after \d`), "find the slow view: each layer in front has a limit of its own (gunicorn --timeout, proxy_read_timeout, the CDN's)"},
	{detect.AppError, stated, re(`body: .*(<h1>bad request \(400\)</h1>|<h1>server error \(500\)</h1>|the server encountered an internal error|"detail")`), "the page is the app's own: its log, and for 400 Django's ALLOWED_HOSTS, tell"},
	{detect.NotLocal, 60, re(`body: .*(the server didn't respond in time|no server is available to handle this request|invalid or incomplete response|guru meditation|upstream connect error|cloudflare|awselb)`), "the page is of a balancer or CDN in front: its own time-outs and health checks"},
	{detect.NotLocal, stated, re(`^(alb|elb|nlb|lb|haproxy|cdn|cloudfront|balancer)_\w*idle_?time\w*: `), "a balancer keeps connections open longer than who answers it: above its idle time-out, keepalive_timeout of nginx, or --keep-alive of a gunicorn with --threads"},
	{detect.GunicornStopped, stated, re(`no (app|application) server|(service|supervised)\w*: .*\b502\b`), "systemctl status UNIT, or supervisorctl status: what should serve is not started"},
	{detect.UnitStale, stated, re(`(changed|edited)\w*: .*\bunit\b`), "systemctl daemon-reload && systemctl restart UNIT"},
	{detect.FDExhausted, pointed, re(`\d+\+? (connections|sockets|files)\b`), "worker_connections and worker_rlimit_nofile of nginx, LimitNOFILE= of the unit"},
	{detect.NetUnreachable, pointed, re(`\b(ufw|firewalld?|iptables|nftables|security.?group)`), "a firewall between nginx and the server: nft list ruleset; iptables -S"},
	{detect.NetUnreachable, stated, re(`without_(ufw|firewall\w*|iptables): .*works|(ufw|firewall\w*|iptables)_(off|disabled): .*works`), "the firewall does not let nginx reach the server's port: ufw allow from the proxy's address"},
	{detect.MACDenied, pointed, re(`selinux\w*: *enforcing|apparmor\w*( |: *)enforc`), "ausearch -m avc -ts recent; journalctl -k -g apparmor"},
	{detect.EnvMissing, pointed, re(`(manual_run|by_hand|manually): .*works`), "by hand it works, as a service not: what a shell sets does not reach systemd"},
	{detect.UnitUserWrong, pointed, re(`(manual_run|by_hand|as_user): .*works`), "by hand it works, as a service not: User= of the unit is another one"},
	{detect.AppError, pointed, re(`: .*\b500\b`), "500 is the app's own: journalctl -u UNIT -n 100"},
	{detect.SocketPermission, pointed, re(`in the group|group: *(www-data|nginx)`), "ls -l on the socket, id of nginx's user: w by the shared group, and nginx restarted since it joined"},
}

// re matches a note in lower case.
func re(expr string) *regexp.Regexp { return regexp.MustCompile(expr) }

// noted are the findings of a document's facts, where nothing else speaks. Of two notes for one cause the surer counts.
func noted(v *view, already []*finding) []*finding {
	if !v.f.Offline || slices.ContainsFunc(already, func(f *finding) bool { return f.Confidence >= likely }) {
		return nil
	}
	var out []*finding
	for _, key := range slices.Sorted(maps.Keys(v.f.Given)) {
		text := strings.ToLower(key + ": " + v.f.Given[key])
		for _, n := range notes {
			if n.says.MatchString(text) {
				out = append(out, found(n.cause, n.confidence).because("given", "%s: %s", key, v.f.Given[key]).advise("%s", n.advice))
			}
		}
	}
	for _, compare := range []func(*view) *finding{answersElsewhere, beside, otherHome, neverReady} {
		if f := compare(v); f != nil {
			out = append(out, f)
		}
	}
	return out
}
