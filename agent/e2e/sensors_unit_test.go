package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/journal"
	"github.com/gatemend/gatemend/detect/unit"
)

func readUnit(t *testing.T, b *unit.Bus, name string) *detect.Unit {
	t.Helper()
	u, err := b.Unit(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func dialBus(t *testing.T) *unit.Bus {
	t.Helper()
	b, err := unit.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func TestUnitIsReadAsSystemdHoldsIt(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		b := dialBus(t)
		u := readUnit(t, b, "shop.service")
		if u.Load != "loaded" || !u.Running() || u.MainPID == 0 || u.Type != "notify" || u.Restart != "no" || u.FileState != "enabled" {
			t.Errorf("state: %+v", u)
		}
		if u.WSGI != "gunicorn" || !u.WSGIMain || u.App != "app:app" || u.BindMode != 0o770 || u.WorkerClass != "sync" || u.TimeoutApp != 30_000_000 {
			t.Errorf("server: %+v", u)
		}
		if !slices.Equal(u.Binds, []detect.Target{detect.Unix("/run/shop/shop.sock")}) || u.BindSource != "argv" {
			t.Errorf("binds %v from %q", u.Binds, u.BindSource)
		}
		if u.RuntimeMode != 0o750 || !slices.Equal(u.RuntimeDirs, []string{"shop"}) || u.UID <= 0 || u.ControlGroup != "/system.slice/shop.service" || !u.PrivateTmp {
			t.Errorf("surroundings: %+v", u)
		}
		if u.TimeoutStop != 90_000_000 || u.StartLimit != 5 || u.StartLimitSpan != 10_000_000 || u.StartLimitAction != "none" {
			t.Errorf("limits: %+v", u)
		}
		if none := readUnit(t, b, "no-such.service"); none.Load != "not-found" || none.Active != "inactive" {
			t.Errorf("a unit that does not exist: %+v", none)
		}
	})
}

func TestUnitIsReadWithWhatAPersonChanged(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		b := dialBus(t)
		sh(t, `mkdir -p /etc/systemd/system/shop.service.d
printf '[Service]\nStandardError=append:/var/log/shop.err\nEnvironment=API_TOKEN=hunter2\n' >/etc/systemd/system/shop.service.d/x.conf
printf '[Unit]\nPartOf=shop.service\n[Service]\nExecStart=/bin/sleep 300\n' >/etc/systemd/system/side.service
printf '[Service]\nType=oneshot\nExecStart=/bin/sleep 300\n' >/etc/systemd/system/slow.service
printf 'import os\nbind = ["unix:/run/shop/other.sock"]\n' >/srv/shop/gunicorn.conf.py
sed -i 's/ --bind [^ ]*//' /etc/systemd/system/shop.service
systemctl daemon-reload; systemctl start side.service; systemctl start --no-block slow.service`)
		u := readUnit(t, b, "shop.service")
		if !slices.Equal(u.LogFiles, []string{"/var/log/shop.err"}) {
			t.Errorf("log files: %q", u.LogFiles)
		}
		if !slices.Contains(u.Environ, "API_TOKEN") || strings.Contains(strings.Join(append(u.Environ, u.Argv...), " "), "hunter2") {
			t.Errorf("environment: %q", u.Environ)
		}
		if len(u.TakenAlong) != 1 || u.TakenAlong[0] != (detect.Dependent{Unit: "side.service", Active: "active", By: "ConsistsOf"}) {
			t.Errorf("taken along: %+v", u.TakenAlong)
		}
		if !slices.Equal(u.Binds, []detect.Target{detect.Unix("/run/shop/other.sock")}) || u.BindSource != "/srv/shop/gunicorn.conf.py:2" || u.ConfigFile != "/srv/shop/gunicorn.conf.py" {
			t.Errorf("binds %v from %q", u.Binds, u.BindSource)
		}
		if slow := readUnit(t, b, "slow.service"); slow.Job == nil || slow.Job.Type != "start" || slow.Job.State != "running" || slow.Active != "activating" {
			t.Errorf("a unit that starts: %+v, job %+v", slow, slow.Job)
		}
		sh(t, `systemctl stop side.service; systemctl mask --quiet other.service; touch -d '+1 hour' /etc/systemd/system/shop.service`)
		if other := readUnit(t, b, "other.service"); other.Load != "masked" || other.FileState != "masked" {
			t.Errorf("a masked unit: %+v", other)
		}
		if u := readUnit(t, b, "shop.service"); !u.NeedReload || len(u.TakenAlong) != 0 {
			t.Errorf("changed on disk: need reload %v, taken along %+v", u.NeedReload, u.TakenAlong)
		}
		problems, err := unit.Verify(t.Context(), "shop.service")
		if err != nil || len(problems) != 0 {
			t.Errorf("a good unit: %q, %v", problems, err)
		}
		sh(t, `echo 'ExecStart=relative/gunicorn' >>/etc/systemd/system/side.service`)
		if problems, err = unit.Verify(t.Context(), "side.service"); err != nil || len(problems) == 0 {
			t.Errorf("a bad unit: %q, %v", problems, err)
		}
	})
}

func TestUnitOfASocketIsRead(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Activated}, func(t *testing.T) {
		b := dialBus(t)
		u, s := readUnit(t, b, "shop.service"), readUnit(t, b, "shop.socket")
		if !slices.Equal(u.TriggeredBy, []string{"shop.socket"}) || u.BindSource != "socket unit" || !slices.Equal(u.Binds, s.Listens) {
			t.Errorf("service: triggered by %q, binds %v from %q", u.TriggeredBy, u.Binds, u.BindSource)
		}
		if !s.Running() || len(s.Listens) != 1 || !s.Listens[0].IsUnix() || s.SocketMode == 0 {
			t.Errorf("socket: %+v", s)
		}
		if len(s.TakenAlong) != 1 || s.TakenAlong[0].Unit != "shop.service" {
			t.Errorf("a restart of the socket takes along %+v", s.TakenAlong)
		}
	})
}

// next waits for a trigger.
func next(t *testing.T, out <-chan detect.Trigger, what string, want func(detect.Trigger) bool) detect.Trigger {
	t.Helper()
	timeout := time.After(healsWithin)
	for {
		select {
		case got := <-out:
			t.Logf("%s: %+v", what, got)
			if want(got) {
				return got
			}
		case <-timeout:
			t.Fatalf("waited %s for %s", healsWithin, what)
		}
	}
}

func TestWatchNoticesCrashesAlsoAfterDBusWasRestarted(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		out, done := make(chan detect.Trigger, 100), make(chan error, 1)
		go func() {
			done <- unit.Watch(ctx, map[string][]string{"shop.service": {"shop"}, "nginx.service": {"shop", "other"}}, out)
		}()
		crash := func(what string) {
			at := time.Now()
			sh(t, `kill -9 "$(systemctl show -P MainPID shop.service)"`)
			got := next(t, out, what, func(tr detect.Trigger) bool { return tr.Site == "shop" && strings.Contains(tr.Why, "(signal)") })
			t.Logf("%s: noticed %v after the command was given", what, got.At.Time().Sub(at))
			settled := func(tr detect.Trigger) bool { return strings.Contains(tr.Why, "→ failed/failed (signal)") }
			if !settled(got) { // both at once, when systemd was faster than a signal is read
				next(t, out, what+", settled", settled)
			}
		}
		// The first sight of a unit is no trigger: start until one is seen, so that Watch is known to listen.
		eventually(t, "a first trigger", func() bool { sh(t, "systemctl restart shop.service"); return len(out) > 0 })
		crash("a crash")
		sh(t, "systemctl start shop.service; systemctl restart dbus.service")
		next(t, out, "the loss of D-Bus", func(tr detect.Trigger) bool { return tr.Lost && strings.Contains(tr.Why, "no connection") })
		next(t, out, "the connection again", func(tr detect.Trigger) bool { return tr.Lost && strings.Contains(tr.Why, "again") })
		crash("a crash after that")
		sh(t, "systemctl restart nginx.service") // a reload may be over before its state is read: nothing differs then
		next(t, out, "nginx for the other site", func(tr detect.Trigger) bool { return tr.Site == "other" })
		cancel()
		if err := <-done; err != context.Canceled {
			t.Errorf("Watch ended with %v", err)
		}
	})
}

func entries(t *testing.T, since time.Time) []journal.Entry {
	t.Helper()
	all, err := journal.Query(t.Context(), "shop.service", detect.At(since), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func has(all []journal.Entry, id string) bool {
	return slices.ContainsFunc(all, func(e journal.Entry) bool { return e.MessageID == id && e.Source == detect.FromSystemd })
}

func TestJournalTellsWhyAUnitWentDown(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		at := time.Now()
		sh(t, `kill -9 "$(systemctl show -P MainPID shop.service)"`)
		eventually(t, "the crash in the journal", func() bool { return has(entries(t, at), journal.FailureResult) })
		all := entries(t, at)
		if !slices.ContainsFunc(all, func(e journal.Entry) bool {
			return e.MessageID == journal.ProcessExit && e.Fields["EXIT_CODE"] == "killed" && e.Fields["EXIT_STATUS"] == "9"
		}) {
			t.Errorf("no exit by signal 9 in %+v", all)
		}
		if !slices.IsSortedFunc(all, func(a, b journal.Entry) int { return int(a.At - b.At) }) || all[0].At < detect.At(at) {
			t.Error("entries are not oldest first, or older than asked for")
		}
		if stop := journal.Stops("shop.service", all); stop == nil || stop.ByJob {
			t.Errorf("a crash reads as %+v", stop)
		}

		at = time.Now()
		sh(t, `systemctl start shop.service; systemctl restart shop.service; systemctl stop shop.service`)
		eventually(t, "the stop in the journal", func() bool { return has(entries(t, at), journal.Stopped) })
		eventually(t, "a stop by a job", func() bool { s := journal.Stops("shop.service", entries(t, at)); return s != nil && s.ByJob })
		if s := journal.Starts("shop.service", entries(t, at), detect.At(time.Now()), 60_000_000); s.Recent != 2 || s.Refused != 0 {
			t.Errorf("two starts read as %+v", s)
		}
		newest, err := journal.Query(t.Context(), "shop.service", detect.At(at), 3)
		if all := entries(t, at); err != nil || len(newest) < 3 || len(newest) > 6 || newest[len(newest)-1].Cursor != all[len(all)-1].Cursor {
			t.Errorf("the newest three of PID 1 and of the app are %+v, %v", newest, err)
		}
	})
}

// The child that could not become gunicorn speaks as the unit's user, on systemd 257 through another
// program (systemd-executor) than on 252.
func TestJournalTellsAFailedSpawnAndARefusedStart(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, failedSpawn)
}

func TestJournalTellsAFailedSpawnAndARefusedStartOnTrixie(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix, Suite: machine.Trixie}, failedSpawn)
}

func failedSpawn(t *testing.T) {
	at := time.Now()
	sh(t, `sed -i 's,/usr/bin/gunicorn,/usr/bin/gunicorn-not-there,' /etc/systemd/system/shop.service
systemctl daemon-reload; systemctl stop shop.service
for i in 1 2 3 4 5 6; do systemctl start shop.service || true; done`)
	eventually(t, "the refusal", func() bool {
		return journal.Starts("shop.service", entries(t, at), detect.At(time.Now()), 60_000_000).Refused > 0
	})
	sh(t, "journalctl --sync")
	// PID 1 counts the stop's restart too, so that four or five starts were let through.
	if n := spawnsFailed(t, at, "/usr/bin/gunicorn-not-there"); n < 4 {
		t.Errorf("%d failed spawns", n)
	}

	at = time.Now()
	sh(t, `sed -i 's,/usr/bin/gunicorn-not-there,/usr/bin/gunicorn,; s,^WorkingDirectory=.*,WorkingDirectory=/nowhere,' /etc/systemd/system/shop.service
systemctl daemon-reload
for i in 1 2 3 4 5 6 7 8; do systemctl reset-failed shop.service; systemctl start shop.service || true; done`)
	eventually(t, "eight failed spawns in a directory that is not there", func() bool {
		return spawnsFailed(t, at, "/usr/bin/gunicorn") == 8
	})
}

// spawnsFailed counts the spawns that PID 1's child reports as failed for want of a file.
func spawnsFailed(t *testing.T, since time.Time, program string) (n int) {
	t.Helper()
	for _, e := range entries(t, since) {
		if e.MessageID == journal.SpawnFailed && e.Source == detect.FromSystemd && e.Fields["EXECUTABLE"] == program && e.Fields["ERRNO"] == "2" {
			n++
		}
	}
	return n
}

// The app can write anything into the journal but the fields that journald adds.
func TestJournalDoesNotBelieveTheApp(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		at := time.Now()
		sh(t, `printf 'MESSAGE_ID=`+journal.Stopped+`\nUNIT=shop.service\nJOB_TYPE=stop\nSYSLOG_IDENTIFIER=systemd\nMESSAGE=Stopped shop.service\n' >/tmp/forged
chmod 644 /tmp/forged
runuser -u shop -- logger --journald=/tmp/forged
printf 'UNIT=shop.service\nMESSAGE=shop.service: Start request repeated too quickly.\n' >/tmp/forged
runuser -u shop -- logger --journald=/tmp/forged`)
		sh(t, `timeout 20 sh -c 'until [ "$(journalctl -q -o cat UNIT=shop.service _UID=$(id -u shop) | grep -c shop.service)" = 2 ]; do sleep 0.1; done'`)
		if s := journal.Stops("shop.service", entries(t, at)); s != nil {
			t.Errorf("a forged stop is believed: %+v", s)
		}
		if s := journal.Starts("shop.service", entries(t, at), detect.At(time.Now()), 60_000_000); s.Refused != 0 {
			t.Errorf("a forged refusal is believed: %+v", s)
		}
	})
}
