"""A shop with one page, for gatemend's demo and tests.

It is an honest small Flask app: it reads its configuration from the environment when it is imported,
and refuses to start without it. The routes under "faults" exist to break it on purpose.
"""

import os
import sys
import threading
import time

from flask import Flask, Response, request

# Read at import, as most apps do: a missing variable is a KeyError in every worker, and no worker boots.
GREETING = os.environ["SHOP_GREETING"]

app = Flask(__name__)


@app.get("/")
def index():
    return f"{GREETING}\n"


@app.get("/healthz")
def healthz():
    return {"ok": True, "pid": os.getpid()}


@app.get("/slow")
def slow():
    """A page that takes ?s= seconds, as a report or an upstream API would."""
    time.sleep(float(request.args.get("s", "1")))
    return "at last\n"


@app.get("/bytes")
def some_bytes():
    """A body of ?n= bytes."""
    return Response(b"x" * int(request.args.get("n", "1024")), mimetype="application/octet-stream")


@app.route("/status/<int:code>", methods=["GET", "POST"])
def status(code):
    """An answer with any status, from the app itself and not from nginx."""
    return f"{code}\n", code


# --- faults, for the demo and the tests only ---------------------------------------------------------

_lock = threading.Lock()


@app.get("/boom")
def boom():
    """An unhandled exception: Flask answers 500."""
    raise RuntimeError("boom, as asked")


@app.get("/deadlock")
def deadlock():
    """A lock that is never released. With gunicorn --threads no timeout notices: the worker still beats."""
    with _lock:
        _lock.acquire()
    return "never\n"


@app.get("/spin")
def spin():
    """Burns a core for ?s= seconds without yielding to anything but other threads."""
    end = time.monotonic() + float(request.args.get("s", "1"))
    while time.monotonic() < end:
        pass
    return "dizzy\n"


@app.get("/exit")
def leave():
    """Ends the worker in the middle of the request, as a crash in a C extension does."""
    os._exit(int(request.args.get("code", "1")))


@app.get("/log")
def log():
    """Writes ?line= to the app's standard error: an app's log may hold anything."""
    print(request.args.get("line", ""), file=sys.stderr, flush=True)
    return "logged\n"
