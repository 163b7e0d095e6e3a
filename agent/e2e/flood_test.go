package e2e

import (
	"os/user"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/e2e/machine"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/journal"
)

// flooder is what the app's user can send by journald's own protocol (systemd.journal-fields(7)):
// thousands of entries that say they are PID 1's, with binary and repeated fields, and one of
// many megabytes by a sealed memfd.
const flooder = `
import array, fcntl, os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("/run/systemd/journal/socket")
unit = sys.argv[1]
claims = [("UNIT", unit), ("_SYSTEMD_UNIT", unit), ("_PID", "1"), ("_UID", "0"), ("_TRANSPORT", "kernel"), ("SYSLOG_IDENTIFIER", "systemd"),
          ("SYSLOG_PID", "1"), ("OBJECT_SYSTEMD_UNIT", unit), ("COREDUMP_UNIT", unit), ("_EXE", "/usr/lib/systemd/systemd")]
def entry(*fields):
    out = b""
    for name, value in fields:
        if isinstance(value, str):
            value = value.encode()
        out += name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
    return out
says = [("39f53479d3a045ac8e11786248231fbf", "start", "Started shop.service - Shop."),
        ("9d1aaa27d60140bd96365438aad20286", "restart", "Stopped shop.service - Shop."),
        ("7ad2d189f7e94e70a38c781354912448", "", "shop.service: Deactivated successfully."),
        ("641257651c1b4ec9a8624d7a40a9e1e7", "", "shop.service: Failed at step EXEC spawning /evil: No such file or directory"),
        ("98e322203f7a4ed290d09fe03c09fe15", "", "shop.service: Main process exited, code=killed, status=9/KILL")]
def send(data):
    while True:
        try:
            return s.send(data)
        except BlockingIOError:
            time.sleep(0.001)
for i in range(int(sys.argv[2])):
    id, job, text = says[i % len(says)]
    send(entry(*claims, ("MESSAGE_ID", id), ("JOB_TYPE", job), ("EXIT_STATUS", "203"), ("MESSAGE", text + "\x1b[2J" + "x" * 2000),
               ("MESSAGE", b"\xff\xfe second \x00"), ("UNIT", "other.service"), ("EXECUTABLE", b"\xff\x00/evil")))
if len(sys.argv) > 3:
    fd = os.memfd_create("entry", os.MFD_ALLOW_SEALING)
    os.write(fd, entry(*claims, ("MESSAGE_ID", says[3][0])) + b"MESSAGE\n" + (int(sys.argv[3]) << 20).to_bytes(8, "little"))
    for _ in range(int(sys.argv[3])):
        os.write(fd, b"\x1b\xff" * (1 << 19))
    os.write(fd, b"\n")
    fcntl.fcntl(fd, 1033, 15)  # F_ADD_SEALS: seal, shrink, grow, write
    s.sendmsg([], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
`

// floods writes the flooder and waits until journald has taken all that it sends.
func floods(args string) string {
	return "cat >/tmp/flood.py <<'EOF'\n" + flooder + "EOF\nchmod 644 /tmp/flood.py\n" +
		"runuser -u shop -- python3 /tmp/flood.py shop.service " + args + "\n" +
		"journalctl --sync\n"
}

// TestJournalCannotBeFlooded: whatever the app's user sends, PID 1's word that a person stopped
// the unit is read, and nothing of what was sent is taken for it.
func TestJournalCannotBeFlooded(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, flooded)
}

func TestJournalCannotBeFloodedOnTrixie(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix, Suite: machine.Trixie}, flooded)
}

func flooded(t *testing.T) {
	at := time.Now()
	sh(t, "systemctl stop shop.service; journalctl --sync\n"+floods("5000 64"))
	shop, err := user.Lookup("shop")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	all, err := journal.Query(t.Context(), "shop.service", detect.At(at), 2000)
	t.Logf("%d entries in %v, %v", len(all), time.Since(began), err)
	if stop := journal.Stops("shop.service", all); stop == nil || !stop.ByJob {
		t.Errorf("the person's stop reads as %+v", stop)
	}
	theirs := 0
	for _, e := range all {
		if strconv.Itoa(e.UID) != shop.Uid {
			continue
		}
		theirs++
		if e.Source != detect.FromApp || e.PID == 1 {
			t.Fatalf("taken for %s: %+v", e.Source, e)
		}
		if e.MessageID != journal.SpawnFailed {
			t.Fatalf("an entry of another unit, which only claims to be this one's, is read: %+v", e)
		}
	}
	if theirs == 0 && err == nil {
		t.Error("nothing of what was sent is in the journal: the test tests nothing")
	}
}

// TestFloodDoesNotHideAPersonsStop: a unit whose stop ends in failure looks crashed but for PID 1's
// "Stopped" of a job. It is not started against the person, however much stands in front of that line.
func TestFloodDoesNotHideAPersonsStop(t *testing.T) {
	m := open(t, setup{unit: "[Service]\nExecStop=/bin/false\n"})
	m.Sh(t, floods("1")+"systemctl stop shop || true\n"+floods("5000"))
	if got := strings.TrimSpace(m.Sh(t, "systemctl show -P Result shop")); got == "success" {
		t.Fatal("the stop ended well: the test tests nothing")
	}
	m.leftAlone()
	i := m.in(agent.Escalated, 90*time.Second)
	m.did(i)
	m.audited()
	m.untouched()
}

// TestNobodyIsAccusedByAForgedSudo: who stopped the unit is sudo's own word.
func TestNobodyIsAccusedByAForgedSudo(t *testing.T) {
	onMachine(t, machine.Options{Deploy: machine.Unix}, func(t *testing.T) {
		sh(t, `sudo -u shop true; sudo systemctl stop shop.service; journalctl --sync`)
		if who := journal.Who(t.Context(), "shop.service", detect.At(time.Now())); who != "root" {
			t.Errorf("%q stopped it, want root", who)
		}
		sh(t, `cp "$(readlink -f /usr/bin/python3)" /tmp/sudo; chmod 755 /tmp/sudo
cat >/tmp/claim.py <<'EOF'
import signal, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect("/run/systemd/journal/socket")
s.send(b"SYSLOG_IDENTIFIER=sudo\nMESSAGE=   alice : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/systemctl stop shop.service\n")
signal.pause()
EOF
chmod 644 /tmp/claim.py
runuser -u shop -- /tmp/sudo /tmp/claim.py &
timeout 10 sh -c 'until journalctl -q _COMM=sudo | grep -q alice; do sleep 0.1; done'
kill $!`)
		if who := journal.Who(t.Context(), "shop.service", detect.At(time.Now())); who == "alice" {
			t.Error("a process that calls itself sudo can accuse anybody")
		}
	})
}
