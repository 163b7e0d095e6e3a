// Package signature reads what gunicorn, Python, PID 1, the kernel and `systemctl status`
// say about an outage: text in, [detect.Line] out.
//
// How far a line can be trusted depends on who wrote it, so the source decides what is
// looked for: the app may print "webapp.service: Failed with result 'oom-kill'." as often
// as it likes, it is read as the app's words. Only in pasted text, where nothing else is
// known, the "systemd[1]:" in front of a line is believed.
//
// Messages were collected from gunicorn 20.1 to 26.1 (arbiter.py, sock.py, glogging.py) and
// systemd 245 to 257 (src/core/service.c, unit.c, execute.c); texts that vary are matched by
// their MESSAGE_ID where the journal has one.
package signature
