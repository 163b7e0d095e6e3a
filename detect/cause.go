package detect

// Cause is a label from the fixed vocabulary of reports, metrics, policy and tests.
type Cause string

// The causes. Their table is [Catalogue].
const (
	GunicornStopped    Cause = "gunicorn-stopped"
	GunicornCrashed    Cause = "gunicorn-crashed"
	GunicornHung       Cause = "gunicorn-hung"
	StartLimitHit      Cause = "start-limit-hit"
	AppImportError     Cause = "app-import-error"
	AppStartup         Cause = "app-startup-exception"
	EnvMissing         Cause = "env-missing"
	ExecPathWrong      Cause = "exec-path-wrong"
	UnitUserWrong      Cause = "unit-user-wrong"
	PortInUse          Cause = "port-in-use"
	BindDenied         Cause = "bind-denied"
	UpstreamMismatch   Cause = "upstream-mismatch"
	SocketMissing      Cause = "socket-missing"
	SocketPermission   Cause = "socket-permission"
	SocketDirPerm      Cause = "socket-dir-permission"
	SocketStale        Cause = "socket-stale"
	MACDenied          Cause = "mac-denied"
	WorkerTimeout      Cause = "worker-timeout"
	WorkerOOM          Cause = "worker-oom"
	BacklogFull        Cause = "backlog-full"
	HeaderTooBig       Cause = "header-too-big"
	ProtocolMismatch   Cause = "protocol-mismatch"
	DNSResolve         Cause = "dns-resolve"
	NginxAnswered      Cause = "nginx-answered"
	NginxConfigInvalid Cause = "nginx-config-invalid"
	NginxDown          Cause = "nginx-down"
	NginxConfigStale   Cause = "nginx-config-stale"
	UnitStale          Cause = "unit-stale"
	FDExhausted        Cause = "fd-exhausted"
	DiskFull           Cause = "disk-full"
	NetUnreachable     Cause = "network-unreachable"
	WorkerRecycled     Cause = "worker-recycled"
	AppError           Cause = "app-error"
	NotLocal           Cause = "not-local"
	Unknown            Cause = "unknown"
)
