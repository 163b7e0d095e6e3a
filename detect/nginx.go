package detect

// Nginx is the front of a site: its unit, its workers, and its configuration on disk and in memory.
type Nginx struct {
	Unit    *Unit     `json:"unit,omitempty"`
	Stop    *Stop     `json:"stop,omitempty"` // the last stop of nginx's unit, where it is not running
	Master  *Process  `json:"master,omitempty"`
	Workers []Process `json:"workers,omitempty"`
	User    string    `json:"user,omitempty"` // of the workers
	UID     int       `json:"uid,omitempty"`
	Groups  []int     `json:"groups,omitempty"`
	Granted []int     `json:"granted,omitempty"` // what /etc/group gives User now; running workers may be older

	Test    *ConfTest  `json:"test,omitempty"`
	Disk    *SiteConf  `json:"disk,omitempty"`    // this site, as `nginx -T` prints the disk
	Loaded  *SiteConf  `json:"loaded,omitempty"`  // as it was when the running workers were started; nil when no dump counts
	Foreign []Listener `json:"foreign,omitempty"` // other processes on the ports that nginx wants

	LoadedAt  Time     `json:"loaded_at,omitempty"`  // start of the oldest worker that is not shutting down
	ChangedIn string   `json:"changed_in,omitempty"` // that file or directory
	ChangedAt Time     `json:"changed_at,omitempty"` // newest mtime or ctime of any included file or its directory
	Diff      []string `json:"diff,omitempty"`       // loaded → disk, proxied directives only, this site
	Elsewhere bool     `json:"elsewhere,omitempty"`  // the difference touches more than this site
}

// ConfTest is the result of `nginx -t`.
type ConfTest struct {
	At      Time   `json:"at"`
	OK      bool   `json:"ok"`
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Message string `json:"message,omitempty"` // the [emerg] text, escaped
}

// SiteConf is what the configuration says of one site's route.
type SiteConf struct {
	Hash      string    `json:"hash"` // of the whole dump
	Upstreams []ProxyTo `json:"upstreams,omitempty"`
	Listens   []string  `json:"listens,omitempty"`
	TLS       bool      `json:"tls,omitempty"`
	ErrorLog  string    `json:"error_log,omitempty"`
	AccessLog string    `json:"access_log,omitempty"`
	Answers   []string  `json:"answers,omitempty"` // return, limit_req, auth_request, deny … of the route, with file:line

	Location     string     `json:"location,omitempty"`      // the location that serves the route: "/etc/nginx/x.conf:12: location /"
	Endpoints    []Endpoint `json:"endpoints,omitempty"`     // where the local nginx answers for this server, for the public probe; best first
	ErrorLevel   string     `json:"error_level,omitempty"`   // of ErrorLog; above "error" nginx does not write why a connect failed
	AccessFormat string     `json:"access_format,omitempty"` // the log_format's text; "" is combined
}

// Endpoint is an address at which the local nginx answers for a server block.
type Endpoint struct {
	Target        Target `json:"target"` // to dial: 127.0.0.1:80 for `listen 80`, [::1]:80 for `listen [::]:80`
	TLS           bool   `json:"tls,omitempty"`
	ProxyProtocol bool   `json:"proxy_protocol,omitempty"` // a client must send a PROXY header first
	ByDefault     bool   `json:"by_default,omitempty"`     // the server is reached because no server_name matched
	Where         string `json:"where"`                    // file:line of the listen
}

// ProxyTo is one server behind a route.
type ProxyTo struct {
	Target Target `json:"target"`
	Schema string `json:"schema"`          // http, https, uwsgi, fastcgi, scgi, grpc
	Where  string `json:"where"`           // file:line of the proxy_pass or of the server in upstream{}
	Pass   string `json:"pass,omitempty"`  // file:line of the proxy_pass, where Where is a server's
	URI    string `json:"uri,omitempty"`   // what proxy_pass has behind the address: it takes the place of the location's path
	Name   string `json:"name,omitempty"`  // the upstream{} block
	Flags  string `json:"flags,omitempty"` // backup, down, max_conns=…
	Var    bool   `json:"var,omitempty"`   // proxy_pass with variables: the target is not known
}
