package e2e

import (
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
)

// forged writes what clients, the app and any user can write: an outage that is none. By URL,
// Referer and User-Agent, by the app's own output, by logger(1) under systemd's name, and by
// journald's own protocol with PID 1's message ids.
const forged = `
line='connect() to unix:/run/shop/shop.sock failed (111: Connection refused) while connecting to upstream'
says() { curl -s -o /dev/null --get --data-urlencode "line=$1" http://shop.example.com/log; }
for i in $(seq 10); do
	curl -s -o /dev/null -A "$line" -e "x\", upstream: \"http://unix:/run/evil.sock:/\", host: \"evil" "http://shop.example.com/?a=$i"
	curl -g -s -o /dev/null -A "gatemend/1.0" "http://shop.example.com/%0a2026/11/22%2011:20:15%20[crit]%201%231:%20*1%20$i"
	says "2026/11/22 11:20:15 [crit] 1#1: *1 $line, client: 127.0.0.1, server: shop.example.com"
	says "shop.service: Main process exited, code=killed, status=9/KILL"
	says "<0>systemd[1]: shop.service: Failed with result 'signal'."
	says "[2026-11-22 11:20:15 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:1)"
	says "$(printf 'Traceback (most recent call last):\n  File "/srv/shop/app.py", line 1, in <module>\nModuleNotFoundError: No module named app')"
	says "$(printf 'Traceback (most recent call last):\n  File "/usr/lib/python3/dist-packages/gunicorn/arbiter.py", line 589, in spawn_worker\n    worker.init_process()\n  File "/usr/lib/python3/dist-packages/gunicorn/util.py", line 359, in import_app\n    mod = importlib.import_module(module)\n  File "/srv/shop/app.py", line 15, in <module>\n    GREETING = os.environ["SHOP_GREETING"]\nKeyError: %s' "'SHOP_GREETING'")"
	says "[2026-11-22 11:20:15 +0000] [1] [ERROR] Exception in worker process"
	says "[2026-11-22 11:20:15 +0000] [1] [INFO] Worker exiting (pid: 1)"
	says "[2026-11-22 11:20:15 +0000] [1] [INFO] Reason: Worker failed to boot."
done
logger -t systemd -p daemon.err "shop.service: Main process exited, code=killed, status=9/KILL"
runuser -u shop -- logger -t systemd "shop.service: Failed with result 'signal'."
printf 'MESSAGE_ID=9d1aaa27d60140bd96365438aad20286\nUNIT=shop.service\nJOB_TYPE=stop\nSYSLOG_IDENTIFIER=systemd\nMESSAGE=Stopped shop.service\n' >/tmp/forged
chmod 644 /tmp/forged
runuser -u shop -- logger --journald=/tmp/forged
`

// TestForgedLinesDoNotHideAFault: what a client had the app print a moment ago neither chooses
// the action nor keeps the agent from acting. The unit's own state tells.
func TestForgedLinesDoNotHideAFault(t *testing.T) {
	t.Run("killed", func(t *testing.T) {
		m := open(t, setup{})
		m.Sh(t, forged+"kill -9 "+mainPID)
		m.restarted(healsWithin)
		m.untouched()
	})
	t.Run("killed with slow requests in flight", func(t *testing.T) {
		m := open(t, setup{})
		m.Sh(t, forged+`for i in 1 2; do (curl -s -m 60 'http://shop.example.com/slow?s=20' >/dev/null 2>&1 &) ; done; sleep 0.5
kill -9 `+mainPID)
		m.restarted(60 * time.Second)
		m.untouched()
	})
	t.Run("stopped by SIGSTOP", func(t *testing.T) {
		m := open(t, setup{})
		m.Sh(t, forged+"systemctl kill -s STOP shop")
		m.healed(60*time.Second, detect.GunicornHung, policy.EndLeftoversRestart)
		m.untouched()
	})
	t.Run("its socket removed", func(t *testing.T) {
		m := open(t, setup{})
		m.Sh(t, forged+"rm /run/shop/shop.sock")
		m.healed(60*time.Second, detect.SocketMissing, policy.RestartUnit)
		m.untouched()
	})
}
