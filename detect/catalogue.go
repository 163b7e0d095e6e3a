package detect

// CauseInfo describes one cause for reports and for `gatemend explain CAUSE`.
type CauseInfo struct {
	Cause   Cause
	Title   string // one line
	Meaning string // what happens, in two or three sentences
	Seen    string // how it is established
	Mend    string // what a person does for good
	// ExplainedBy lists causes that, when found, explain this one: a dead gunicorn explains
	// the missing socket, not the other way round.
	ExplainedBy []Cause
	// Shared: the cause belongs to the host, not to one site, and gets one action for all.
	Shared bool
}

// Info returns the catalogue's entry; unknown labels give ok false.
func Info(c Cause) (CauseInfo, bool) {
	for _, i := range Catalogue {
		if i.Cause == c {
			return i, true
		}
	}
	return CauseInfo{}, false
}

// What keeps an app from starting, and what keeps a host from running one: they explain most of
// what is seen behind them.
var (
	startFaults = []Cause{AppImportError, AppStartup, EnvMissing, ExecPathWrong, UnitUserWrong, PortInUse, BindDenied}
	hostFaults  = []Cause{MACDenied, DiskFull, FDExhausted}
)

// by joins lists of causes.
func by(lists ...[]Cause) []Cause {
	var all []Cause
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// Catalogue is every cause, in the order in which reports list them. Read only.
var Catalogue = []CauseInfo{
	{
		Cause: GunicornStopped, Title: "gunicorn is stopped",
		Meaning:     "The unit that serves the route is not running, and it did not fail: it was stopped, it ended cleanly, or it was never started. nginx finds nobody to pass requests to.",
		Seen:        "The unit is inactive with result success; PID 1's stop job tells a person's stop from a signal from outside.",
		Mend:        "systemctl enable --now the unit (or its .socket). Where it ends by itself, Restart=always.",
		ExplainedBy: by(startFaults, hostFaults, []Cause{StartLimitHit, GunicornCrashed, WorkerOOM, UnitStale, ProtocolMismatch, NginxConfigInvalid}),
	},
	{
		Cause: GunicornCrashed, Title: "gunicorn crashed",
		Meaning:     "The main process died: by a signal, with a core dump, or with an exit status. Requests in flight were lost, and the socket with it.",
		Seen:        "The unit's Result (signal, core-dump, exit-code, watchdog, timeout) and PID 1's line about the main process.",
		Mend:        "Restart=on-failure in the unit; the reason stands in the journal just before.",
		ExplainedBy: by(startFaults, hostFaults, []Cause{StartLimitHit, WorkerOOM, UnitStale}),
	},
	{
		Cause: GunicornHung, Title: "gunicorn accepts and never answers",
		Meaning:     "The kernel completes the connection, and no process reads the request: the workers are frozen, or all of them wait for something that never comes.",
		Seen:        "A probe without a byte; every worker stopped in two looks, or no completed request for longer than --timeout and no processor time used.",
		Mend:        "Find the lock (py-spy dump); time-outs on every outside call; --worker-class gthread does not watch slow requests.",
		ExplainedBy: []Cause{AppStartup, ProtocolMismatch, WorkerOOM, DiskFull, PortInUse},
	},
	{
		Cause: StartLimitHit, Title: "systemd gave up starting the unit",
		Meaning:     "The unit was started too often in too short a time, so systemd refuses further starts until somebody resets it.",
		Seen:        "PID 1's \"Start request repeated too quickly\"; Result often keeps the name of the first failure.",
		Mend:        "Mend what made it fail, then systemctl reset-failed; a RestartSec= of some seconds keeps a short outage of a database from using the starts up.",
		ExplainedBy: by(startFaults, hostFaults, []Cause{WorkerOOM, UnitStale}),
	},
	{
		Cause: AppImportError, Title: "the app cannot be imported",
		Meaning:     "gunicorn runs, but Python cannot load the module that it is told to serve: a missing package, a wrong name, a syntax error, a wrong directory.",
		Seen:        "The traceback of the worker or master; exit status 3, 4 or 1 of gunicorn.",
		Mend:        "Install the package into the unit's own environment, or mend the module; a restart does not help.",
		ExplainedBy: []Cause{DiskFull, FDExhausted, MACDenied, EnvMissing, UnitUserWrong},
	},
	{
		Cause: AppStartup, Title: "the app fails while it starts",
		Meaning:     "The module is found and raises, exits or hangs while it is imported, often because a service that it needs does not answer yet; or what the unit runs before it, ExecStartPre=, fails.",
		Seen:        "The traceback at the worker's boot; workers that boot again and again without a word; a start that PID 1 gave up before the server ran.",
		Mend:        "Make what it needs answer first (After=, a retry in the app), or mend the code.",
		ExplainedBy: []Cause{DiskFull, FDExhausted, EnvMissing, UnitUserWrong, AppImportError, BindDenied, MACDenied, WorkerOOM},
	},
	{
		Cause: EnvMissing, Title: "an environment variable or file is missing",
		Meaning:     "The app needs a variable that the unit does not set, or EnvironmentFile= names a file that does not exist. What a shell sets does not reach systemd.",
		Seen:        "A KeyError out of os.environ, or systemd's \"Failed to load environment files\" with result resources.",
		Mend:        "Set it with Environment= or EnvironmentFile=; lines with \"export\" are not read.",
		ExplainedBy: []Cause{MACDenied, UnitStale},
	},
	{
		Cause: ExecPathWrong, Title: "the program cannot be executed",
		Meaning:     "What ExecStart= names, its interpreter, or WorkingDirectory= does not exist or may not be used, so nothing ever ran.",
		Seen:        "Exit status 203 (EXEC) or 200 (CHDIR) and PID 1's \"Failed at step\"; a unit with a bad setting.",
		Mend:        "Name the right path, or make the virtual environment again; CRLF line ends count as a missing interpreter.",
		ExplainedBy: []Cause{MACDenied, UnitStale},
	},
	{
		Cause: UnitUserWrong, Title: "the unit's user is wrong",
		Meaning:     "User= or Group= does not exist, or it may not read or write a file that the app needs.",
		Seen:        "Exit status 217 or 216, or a PermissionError at start.",
		Mend:        "Create the user, or give it the files; StateDirectory= and LogsDirectory= make directories that belong to it.",
		ExplainedBy: []Cause{MACDenied, UnitStale, DiskFull},
	},
	{
		Cause: PortInUse, Title: "another program holds the address",
		Meaning: "Somebody else listens where nginx connects to: a second copy, a development server, another service. A port cannot be bound then; a unix path is taken over without any error, and the unit's own socket is left without a name.",
		Seen:    "gunicorn's \"Connection in use\", or a listener on the route's target that is no process of the unit.",
		Mend:    "Stop the other program, or give one of them another port.",
	},
	{
		Cause: BindDenied, Title: "gunicorn may not bind its address",
		Meaning:     "The socket's directory does not exist or may not be written, the port is privileged, or the address is none of this host.",
		Seen:        "gunicorn's failed bind; up to version 22 it does not say why.",
		Mend:        "RuntimeDirectory= and a socket below /run/NAME; a port above 1024.",
		ExplainedBy: []Cause{PortInUse, MACDenied, DiskFull},
	},
	{
		Cause: UpstreamMismatch, Title: "nginx and gunicorn use different addresses",
		Meaning:     "gunicorn listens, but not where nginx connects to: another path, another port, another address family, or a /tmp of its own.",
		Seen:        "Where the unit's sockets are, against proxy_pass as nginx holds it.",
		Mend:        "Write the same address on both sides; no sockets in /tmp.",
		ExplainedBy: []Cause{NginxConfigStale, BindDenied, UnitStale, DNSResolve},
	},
	{
		Cause: SocketMissing, Title: "the socket's file is gone",
		Meaning:     "gunicorn runs and listens, but the file that nginx looks for was removed: by a cleaner, by a second gunicorn, by another unit with the same RuntimeDirectory=.",
		Seen:        "ENOENT for nginx's worker while the unit runs and listens on that path.",
		Mend:        "systemctl restart; give each unit a runtime directory of its own.",
		ExplainedBy: by(startFaults, hostFaults, []Cause{GunicornStopped, GunicornCrashed, StartLimitHit, WorkerOOM, UpstreamMismatch, NginxConfigStale, UnitStale, GunicornHung}),
	},
	{
		Cause: SocketPermission, Title: "nginx may not write to the socket",
		Meaning:     "The socket's mode or group does not let nginx's worker in. Only w counts.",
		Seen:        "EACCES for nginx's worker with every directory open and no w on the socket.",
		Mend:        "gunicorn --umask 007 with a shared group, or SocketMode= and SocketGroup=; UMask= of the unit does nothing.",
		ExplainedBy: []Cause{MACDenied, SocketDirPerm, PortInUse},
	},
	{
		Cause: SocketDirPerm, Title: "nginx may not pass a directory",
		Meaning:     "A directory on the way to the socket lets nginx's worker not pass; home directories mostly do not.",
		Seen:        "EACCES for nginx's worker, and a directory without x for it.",
		Mend:        "Move the socket to /run by RuntimeDirectory=, with RuntimeDirectoryMode=0755.",
		ExplainedBy: []Cause{MACDenied},
	},
	{
		Cause: SocketStale, Title: "the socket is left over",
		Meaning:     "The file is there, but nobody listens behind it: gunicorn was killed, or bound another path since.",
		Seen:        "ECONNREFUSED on a unix socket whose file exists.",
		Mend:        "Start gunicorn; it replaces the file itself. RuntimeDirectory= removes it with the unit.",
		ExplainedBy: by(startFaults, hostFaults, []Cause{GunicornStopped, GunicornCrashed, StartLimitHit, WorkerOOM, UpstreamMismatch, UnitStale}),
	},
	{
		Cause: MACDenied, Title: "SELinux or AppArmor denies it",
		Meaning: "Modes and owners are right, and the kernel's policy still says no.",
		Seen:    "A denial in the kernel's log (not a permissive one), or EACCES where every mode allows.",
		Mend:    "Allow exactly what was denied; one denial shows at a time.",
		Shared:  true,
	},
	{
		Cause: WorkerTimeout, Title: "requests take too long",
		Meaning:     "A request takes longer than gunicorn's --timeout or nginx's proxy_read_timeout, so it is cut off.",
		Seen:        "WORKER TIMEOUT, or nginx's \"upstream timed out\", while other requests are answered.",
		Mend:        "Make the view fast, or do the work outside of the request; a restart does not help.",
		ExplainedBy: []Cause{GunicornHung, WorkerOOM, ProtocolMismatch, AppStartup, NetUnreachable, DNSResolve, PortInUse},
	},
	{
		Cause: WorkerOOM, Title: "memory ran out",
		Meaning: "The kernel killed a process of the app because memory, the machine's or the unit's, was used up.",
		Seen:    "PID 1's or the kernel's own line, or Result oom-kill; gunicorn's \"Perhaps out of memory?\" is any SIGKILL.",
		Mend:    "Fewer workers, more memory; against a leak --max-requests, without --threads.",
		Shared:  true,
	},
	{
		Cause: BacklogFull, Title: "more requests come than are answered",
		Meaning:     "The queue of the listening socket is full, so nginx is turned away at once.",
		Seen:        "EAGAIN on a unix socket.",
		Mend:        "More workers or threads, faster views. A restart throws away what waits.",
		ExplainedBy: []Cause{GunicornHung},
	},
	{
		Cause: HeaderTooBig, Title: "the app's header is too big for nginx",
		Meaning: "The answer's header does not fit into proxy_buffer_size, so nginx answers 502 although the app is well.",
		Seen:    "nginx's \"upstream sent too big header\".",
		Mend:    "proxy_buffer_size 16k and proxy_buffers with it; smaller cookies.",
	},
	{
		Cause: ProtocolMismatch, Title: "nginx speaks another protocol",
		Meaning: "nginx speaks TLS, uwsgi or fastcgi to a server that expects HTTP, or the other way round.",
		Seen:    "nginx's TLS and protocol errors; https:// or uwsgi:// in front of a gunicorn that then times out on every request.",
		Mend:    "proxy_pass http:// to gunicorn; https:// where it has --certfile.",
	},
	{
		Cause: DNSResolve, Title: "nginx cannot resolve a name",
		Meaning: "A host name in proxy_pass or upstream{} has no address, at load time or with a resolver at request time.",
		Seen:    "\"host not found in upstream\" or \"could not be resolved\".",
		Mend:    "Addresses for what runs on this machine; a resolver where a variable is used.",
		Shared:  true,
	},
	{
		Cause: NginxAnswered, Title: "nginx made the answer itself",
		Meaning: "A limit, an auth_request, a return or a rewrite of nginx's own configuration made the error, or no server block leads to the site any more.",
		Seen:    "The line of the limit or of auth_request; an error page by nginx while the upstream answers; a configuration, loaded, without the site's name.",
		Mend:    "Change the directive; bring the server block back.",
	},
	{
		Cause: NginxConfigInvalid, Title: "nginx's configuration is invalid",
		Meaning:     "nginx refuses what is on disk: it does not start with it, and a reload keeps the old one.",
		Seen:        "nginx -t, or its [emerg] line with file and line.",
		Mend:        "Mend the line that nginx -t names.",
		ExplainedBy: []Cause{DNSResolve, MACDenied, DiskFull},
		Shared:      true,
	},
	{
		Cause: NginxDown, Title: "nginx is down",
		Meaning:     "Nobody accepts at the public end; clients see a refused connection, not a 502.",
		Seen:        "nginx's unit and master, and a refused connection to the public end.",
		Mend:        "nginx -t, free its ports, systemctl start nginx.",
		ExplainedBy: []Cause{NginxConfigInvalid, DNSResolve, MACDenied, DiskFull, FDExhausted},
		Shared:      true,
	},
	{
		Cause: NginxConfigStale, Title: "nginx runs an older configuration",
		Meaning:     "The configuration was changed and nginx does not use it yet, or a name in it changed its address since.",
		Seen:        "Start of the oldest worker against the last change; the upstream of our own probe's error line against the disk.",
		Mend:        "nginx -t && systemctl reload nginx, and watch the error log: a reload can fail after it said done.",
		ExplainedBy: []Cause{NginxConfigInvalid, DNSResolve},
		Shared:      true,
	},
	{
		Cause: UnitStale, Title: "systemd runs an older unit",
		Meaning: "The unit file was changed without daemon-reload, so a restart still uses the old one.",
		Seen:    "NeedDaemonReload while the unit is down.",
		Mend:    "systemctl daemon-reload, then restart.",
	},
	{
		Cause: FDExhausted, Title: "file descriptors ran out",
		Meaning: "nginx or the app may open no more files or connections.",
		Seen:    "Errno 24, or \"worker_connections are not enough\".",
		Mend:    "worker_rlimit_nofile and worker_connections; LimitNOFILE= of the unit.",
		Shared:  true,
	},
	{
		Cause: DiskFull, Title: "a disk is full",
		Meaning: "A file system has no space, no inodes, is read-only, or may not be written to by nginx; logs and temporary files fail first.",
		Seen:    "Errno 28, and the file system's own numbers.",
		Mend:    "Free space; logrotate; journalctl --vacuum-size.",
		Shared:  true,
	},
	{
		Cause: NetUnreachable, Title: "the upstream's address cannot be reached",
		Meaning:     "There is no route, a firewall rejects, or the host does not answer.",
		Seen:        "Errno 101, 113, 110; a refused connect to a port where the unit listens.",
		Mend:        "The firewall or the route; the right address in proxy_pass.",
		ExplainedBy: []Cause{DNSResolve, NginxConfigStale},
		Shared:      true,
	},
	{
		Cause: WorkerRecycled, Title: "gunicorn recycled a worker",
		Meaning:     "Single requests fail while a worker is replaced (--max-requests), or when nginx reuses a connection that gunicorn just closed.",
		Seen:        "A reset or early close beside \"Autorestarting worker\", and nothing else wrong.",
		Mend:        "No --threads, or no --max-requests; --keep-alive longer than keepalive_timeout in nginx's upstream{}.",
		ExplainedBy: by(startFaults, []Cause{WorkerTimeout, WorkerOOM, GunicornCrashed, GunicornStopped, MACDenied, UpstreamMismatch, ProtocolMismatch, AppError}),
	},
	{
		Cause: AppError, Title: "the app answers with an error",
		Meaning:     "The request reached the app, and the app itself said 5xx.",
		Seen:        "An answer of 5xx made by the app; a traceback of a request.",
		Mend:        "Mend the app; a restart does not.",
		ExplainedBy: []Cause{WorkerTimeout, DiskFull, FDExhausted, WorkerOOM, PortInUse, AppImportError, AppStartup, EnvMissing},
	},
	{
		Cause: NotLocal, Title: "it is not this machine",
		Meaning: "Here it answers at both depths. What people see is made by a CDN, a balancer, DNS or a firewall in front.",
		Seen:    "Healthy upstream and public, while an outside view fails.",
		Mend:    "Look at what stands in front.",
	},
	{
		Cause: Unknown, Title: "not known",
		Meaning: "Nothing that was seen establishes a cause. Nothing is done.",
		Seen:    "No rule held.",
		Mend:    "Look at what was seen; gatemend diagnose shows every rule.",
	},
}
