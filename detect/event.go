package detect

// Events that detect/nginxlog reads from nginx's error log. Attr keys are given where a
// line names something; "target" comes from the message itself, "upstream" from the
// fields behind ", client: ", which clients can forge.
const (
	EventConnectFailed    Event = "connect-failed"          // errno; target where the message has it, upstream, schema
	EventUpstreamTimeout  Event = "upstream-timed-out"      // while; upstream, schema
	EventPrematureClose   Event = "upstream-closed"         // while; upstream, schema
	EventUpstreamReset    Event = "upstream-reset"          // errno; while
	EventNoLive           Event = "no-live-upstreams"       // upstream
	EventHeaderTooBig     Event = "header-too-big"          //
	EventBadHeader        Event = "bad-header"              // invalid, duplicate or contradictory headers of the app
	EventNotHTTP          Event = "upstream-not-http"       // taken for HTTP/0.9, status 009
	EventNotFastCGI       Event = "upstream-not-fastcgi"    // fastcgi_pass to something else
	EventSentEarly        Event = "upstream-sent-early"     // plain text answer on an https:// upstream
	EventTLSFailed        Event = "upstream-tls-failed"     // SSL_do_handshake() failed
	EventTLSClosed        Event = "upstream-tls-closed"     // peer closed connection in SSL handshake
	EventTLSVerify        Event = "upstream-tls-unverified" // proxy_ssl_verify said no
	EventUnresolved       Event = "name-unresolved"         // name; at request time
	EventNoResolver       Event = "no-resolver"             // name
	EventResolverFailed   Event = "resolver-failed"         // the DNS server itself
	EventHostNotFound     Event = "host-not-found"          // name, file, line; at config load
	EventBadProxyPass     Event = "bad-proxy-pass"          // a variable gave no usable address
	EventConnectionsFull  Event = "worker-connections-full" //
	EventNginxFiles       Event = "nginx-files-exhausted"   // errno 24
	EventNoBuffers        Event = "no-socket-buffers"       // errno 105
	EventNginxTemp        Event = "nginx-temp-failed"       // path, errno 13
	EventNginxNoSpace     Event = "nginx-no-space"          // path, errno 28, 30 or 122
	EventNginxNoMemory    Event = "nginx-no-memory"         // errno 12
	EventAuthRequest      Event = "auth-request-failed"     // status
	EventLimited          Event = "limited"                 // kind requests or connections, zone
	EventRewriteLoop      Event = "rewrite-loop"            //
	EventNginxWorkerDied  Event = "nginx-worker-died"       // signal or code
	EventNginxBind        Event = "nginx-bind-failed"       // errno, target
	EventNginxConfInvalid Event = "nginx-conf-invalid"      // file, line, message
	EventNginxTestFailed  Event = "nginx-test-failed"       // file
	EventClientGone       Event = "client-gone"             // info level: 499
)

// Events of access logs; the evidence reader makes them, the agent counts in [Traffic].
const (
	EventStatus Event = "access-status" // status, by (nginx or app), path
)

// Events that detect/signature reads from gunicorn and from Python.
const (
	EventGunicornStarting Event = "gunicorn-starting"     // version
	EventListening        Event = "gunicorn-listening"    // target
	EventBooting          Event = "worker-booting"        // batch: how many came together before any ended
	EventHangUp           Event = "gunicorn-hang-up"      // HUP: every worker is replaced
	EventWorkerExiting    Event = "worker-exiting"        //
	EventWorkerTimeout    Event = "worker-timed-out"      // worker
	EventWorkerKilled     Event = "worker-killed"         // worker, signal
	EventWorkerExited     Event = "worker-exited"         // worker, code
	EventWorkerBootFailed Event = "worker-failed-to-boot" // Reason: Worker failed to boot.
	EventAppLoadFailed    Event = "app-failed-to-load"    // Reason: App failed to load.
	EventAppNotFound      Event = "app-not-found"         // AppImportError's bare text; attribute, module
	EventWorkerException  Event = "worker-exception"      // Exception in worker process
	EventMainLoop         Event = "main-loop-exception"   // Unhandled exception in main loop
	EventAutoRestart      Event = "worker-autorestart"    // max_requests
	EventShuttingDown     Event = "gunicorn-shutting-down"
	EventAddressInUse     Event = "bind-in-use"   // target
	EventAddressInvalid   Event = "bind-invalid"  // target
	EventBindFailed       Event = "bind-failed"   // target, errno (gunicorn 23+)
	EventBindGaveUp       Event = "bind-gave-up"  // target: "Can't connect to"
	EventBindRetry        Event = "bind-retrying" // "Retrying in 1 second."
	EventConfigError      Event = "gunicorn-error"
	EventBadRequest       Event = "bad-request"
	EventRequestError     Event = "request-error"       // the app failed in one request
	EventTraceback        Event = "traceback"           // kind, message, file, line, phase, module, variable, path
	EventBootFrame        Event = "boot-frame"          // a source line of a traceback at start, alone; settings where it reads them
	EventBareException    Event = "bare-exception"      // an exception line without its traceback; kind, message …
	EventCommandMissing   Event = "command-missing"     // a shell: command not found
	EventVariableMissing  Event = "variable-missing"    // a shell or supervisord: variable
	EventNoSuchUser       Event = "no-such-user"        // gunicorn's --user or --group; kind, name
	EventNoApp            Event = "no-app-loaded"       // uWSGI serves on without an app
	EventKeeperGaveUp     Event = "keeper-gave-up"      // supervisord starts it no more; program
	EventKeeperStopped    Event = "keeper-stopped"      // supervisord was told to stop it; program
	EventCommandDenied    Event = "command-denied"      // a shell: may not run it
	EventWaiting          Event = "waiting-for-service" // a start script waits; service
	EventDevServer        Event = "dev-server"          // Werkzeug's development server speaks; target
	EventBacklogFullApp   Event = "queue-full"          // uWSGI says that its listen queue is full
)

// Events of PID 1, trusted only with [FromSystemd].
const (
	EventUnitStarting     Event = "unit-starting"
	EventUnitStarted      Event = "unit-started"
	EventUnitStartFailed  Event = "unit-start-failed"
	EventUnitStopping     Event = "unit-stopping"
	EventUnitStopped      Event = "unit-stopped"     // job_type
	EventUnitReloaded     Event = "unit-reloaded"    // job_result
	EventMainExited       Event = "main-exited"      // code, status
	EventControlExited    Event = "control-exited"   // code, status
	EventUnitFailed       Event = "unit-failed"      // result
	EventUnitDeactivated  Event = "unit-deactivated" // clean
	EventRestartScheduled Event = "restart-scheduled"
	EventSpawnFailed      Event = "spawn-failed" // step, path, errno text in reason
	EventStartLimit       Event = "start-limit"
	EventUnitOOM          Event = "unit-oom"
	EventEnvFileMissing   Event = "env-file-missing" // path where named
	EventEnvIgnored       Event = "env-ignored"      // path, variable
	EventStopTimeout      Event = "stop-timed-out"
	EventStartTimeout     Event = "start-timed-out"
	EventSentSignal       Event = "sent-signal"      // signal, to a process of the unit, by systemctl kill
	EventMemoryLimit      Event = "memory-limit"     // the unit sets one, in an old spelling that PID 1 warns of
	EventUnitBad          Event = "unit-bad-setting" // file, line
	EventUnitChanged      Event = "unit-changed"     // the unit changed on disk
	EventUnitHeldBack     Event = "unit-held-back"   // a dependency failed, or a condition is not met
	EventUnitNotFound     Event = "unit-not-found"
	EventUnitMasked       Event = "unit-masked"
	EventStatusActive     Event = "status-active"  // of `systemctl status`: active, sub, result
	EventStatusMain       Event = "status-main"    // Main PID / Process: code, status
	EventStatusProcess    Event = "status-process" // command, exec, code, status
	EventStatusLoaded     Event = "status-loaded"  // load, path, file_state
	EventStatusUnit       Event = "status-unit"    // unit: which one the status is about
)

// Events of the kernel.
const (
	EventOOMKill       Event = "oom-kill"          // pid, comm, scope (memcg or global), unit
	EventAVCDenied     Event = "avc-denied"        // comm, perm, class, name; permissive lines are not denials
	EventAppArmor      Event = "apparmor-denied"   // profile, operation, name
	EventSegfault      Event = "segfault"          // comm, pid, in
	EventFirewall      Event = "firewall-reject"   // port
	EventConntrackFull Event = "conntrack-full"    //
	EventSYNFlood      Event = "accept-queue-full" // port: connections come faster than they are accepted
	EventKernelNoSpace Event = "file-system-error" // the kernel remounted read-only, or a device failed
)
