package e2e

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/remediate/host"
)

// realTest asks nginx itself.
type realTest struct{}

func (realTest) NginxTest(ctx context.Context) (detect.ConfTest, error) {
	out, err := exec.CommandContext(ctx, "nginx", "-t").CombinedOutput()
	return detect.ConfTest{OK: err == nil, Message: strings.TrimSpace(string(out))}, nil
}

const workerPIDs = `pgrep -f 'nginx: worker process$' | sort | paste -sd ' '`

func TestHostNginx(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.TCP}, func(t *testing.T) {
		var foreign []detect.Listener // who holds nginx's ports is a fact of the test
		v := verbsFor(t, host.Config{
			Tester:  realTest{},
			Foreign: func(context.Context) ([]detect.Listener, error) { return foreign, nil },
		}, serviceOf("shop"))

		old := shOut(t, workerPIDs)
		res := v.must(t, "reload shop / nginx")
		if now := shOut(t, workerPIDs); now == old || res.Before == res.After {
			t.Errorf("workers %s, then %s; %+v", old, now, res)
		}
		eventually(t, "the old workers to take no more requests", func() bool { return len(strings.Fields(shOut(t, workerPIDs))) == len(strings.Fields(old)) })

		t.Run("a configuration that is wrong is not loaded", func(t *testing.T) {
			sh(t, "echo 'nonsense;' > /etc/nginx/conf.d/bad.conf")
			old := shOut(t, workerPIDs)
			v.refuses(t, "reload shop / nginx", "invalid")
			if now := shOut(t, workerPIDs); now != old {
				t.Errorf("workers %s became %s", old, now)
			}
			sh(t, "systemctl stop nginx")
			v.refuses(t, "start shop / nginx", "invalid")
			v.refuses(t, "reload shop / nginx", "nothing to reload")
			sh(t, "rm /etc/nginx/conf.d/bad.conf")
		})
		t.Run("nothing is started into a port that is held", func(t *testing.T) {
			foreign = []detect.Listener{{Target: detect.TCP("0.0.0.0:80"), Owners: []detect.Process{{PID: 7, Comm: "certbot"}}}}
			v.refuses(t, "start shop / nginx", "certbot")
			foreign = nil
			v.must(t, "start shop / nginx")
		})
		t.Run("a reload that cannot bind is no success", func(t *testing.T) {
			// systemd holds the port: nginx -t passes, for it does not bind what its master listens on
			// already, and the running master cannot take the new one.
			sh(t, `printf '[Socket]\nListenStream=127.0.0.1:8099\nAccept=yes\n' > /run/systemd/system/holder.socket
printf '[Service]\nExecStart=/bin/true\n' > /run/systemd/system/holder@.service
systemctl daemon-reload`)
			sh(t, "echo 'server { listen 127.0.0.1:8099; }' > /etc/nginx/conf.d/more.conf")
			v.Tester = passes{} // between the test and the reload the port is taken
			sh(t, "systemctl start holder.socket")
			v.refuses(t, "reload shop / nginx", "no new worker")
		})
		v.Tester = nil
		v.refuses(t, "reload shop / nginx", "nothing here can test")
	})
}

type passes struct{}

func (passes) NginxTest(context.Context) (detect.ConfTest, error) {
	return detect.ConfTest{OK: true}, nil
}
