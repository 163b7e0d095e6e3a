#!/usr/bin/python3
"""Stands in for the agent under its own unit: says READY, tries what the agent needs, writes what came of it."""

import os
import pwd
import signal
import socket
import subprocess
import time

SOCK = "/run/shop/shop.sock"
results = []


def attempt(name, want_ok=True):
    def run(f):
        try:
            f()
            ok, why = True, "it was allowed"
        except Exception as e:  # whatever it is, it is the result
            ok, why = False, repr(e)
        results.append(f"ok {name}" if ok == want_ok else f"FAIL {name}: {why}")
    return run


def run(*argv):
    p = subprocess.run(argv, capture_output=True, text=True)
    if p.returncode:
        raise RuntimeError(f"{argv}: {p.returncode}: {p.stderr}")
    return p.stdout.strip()


def notify(text):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(os.environ["NOTIFY_SOCKET"])
        s.send(text.encode())


def main_pid():
    return int(run("systemctl", "show", "-P", "MainPID", "shop.service"))


notify("READY=1")
assert "WATCHDOG_USEC" in os.environ

attempt("nginx -t")(lambda: run("nginx", "-t"))
attempt("nginx -T")(lambda: run("nginx", "-T"))
attempt("journal")(lambda: run("journalctl", "-u", "shop.service", "-n", "1"))
attempt("logs")(lambda: open("/var/log/nginx/error.log").read())
attempt("files of a process")(lambda: [os.readlink(f"/proc/{main_pid()}/fd/{n}") for n in os.listdir(f"/proc/{main_pid()}/fd")])
attempt("root of a process")(lambda: os.listdir(f"/proc/{main_pid()}/root/tmp"))


@attempt("connect as the nginx worker")
def _():
    www = pwd.getpwnam("www-data")

    def become():
        os.setgroups([www.pw_gid])
        os.setgid(www.pw_gid)
        os.setuid(www.pw_uid)
    code = f"import socket; socket.socket(socket.AF_UNIX).connect({SOCK!r})"
    subprocess.run(["python3", "-c", code], preexec_fn=become, check=True)


@attempt("mode of a socket")
def _():
    fd = os.open(SOCK, os.O_PATH | os.O_NOFOLLOW)
    os.chmod(f"/proc/self/fd/{fd}", 0o600)
    os.chmod(f"/proc/self/fd/{fd}", 0o770)


attempt("sock_diag")(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4).close())
attempt("kill by itself", want_ok=False)(lambda: os.kill(main_pid(), signal.SIGTERM))
attempt("write to /etc", want_ok=False)(lambda: open("/etc/nginx/nginx.conf", "a").close())
attempt("write to /srv", want_ok=False)(lambda: open("/srv/shop/app.py", "a").close())
attempt("kill through systemd")(lambda: run("systemctl", "kill", "-s", "HUP", "shop.service"))
attempt("reload nginx")(lambda: run("systemctl", "reload", "nginx.service"))
attempt("restart")(lambda: run("systemctl", "restart", "shop.service"))

with open("/var/lib/gatemend/done.new", "w") as f:
    f.write("\n".join(results) + "\n")
os.rename("/var/lib/gatemend/done.new", "/var/lib/gatemend/done")
while True:
    notify("WATCHDOG=1")
    time.sleep(10)
