package evidence

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Name is a fact that rules know, for `gatemend explain --facts`.
type Name struct{ Name, Meaning string }

// Names lists the facts that rules know. Others may be given: where no log line speaks they are read as a
// person's notes, which are never enough to act on.
func Names() []Name {
	return []Name{
		{"socket_exists", "true or false: is the socket's file there"},
		{"socket_path", "the path that gunicorn binds or nginx connects to"},
		{"socket_mode", "its mode, as 0660 or srw-rw----"},
		{"curl_ADDRESS", "what a request to ADDRESS gave: refused, or its first line"},
		{"socket_owner", "its owner and group, as shop:www-data"},
		{"dir_mode", "mode of the directory that holds it, as 0750 or drwxr-x---"},
		{"home_mode", "the same, of a home directory on the way"},
		{"nginx_worker_user", "whom nginx's workers run as"},
		{"unit_active", "true or false, or systemd's word: is the unit running"},
		{"unit_changed", "true: the unit file was edited"},
		{"daemon_reload", "true: systemctl daemon-reload was done after the edit"},
		{"process_running", "true or false: is there a process of the app"},
		{"venv_exists", "true or false: is the virtual environment there"},
		{"selinux", "enforcing, permissive or disabled"},
		{"df", "the line of df for a file system that may be full"},
		{"status", "the HTTP status that clients get"},
		{"after_s", "after how many seconds they get it"},
		{"gunicorn_timeout", "gunicorn's --timeout"},
		{"response_headers", "how big the headers of the answer are: 16 KB"},
		{"max_requests", "gunicorn's --max-requests"},
		{"gunicorn_args", "gunicorn's command line"},
		{"gunicorn_bind", "where gunicorn binds"},
		{"proxy_pass", "where nginx sends requests: an address, or the port"},
		{"nginx_reload", "what a reload of nginx changed: cures it"},
		{"getent_hosts_NAME", "the address that NAME resolves to now"},
		{"502_from", "what made the error, where it was not this nginx: a CDN or a balancer"},
		{"cdn_status", "the status that a CDN shows"},
		{"kernel_log", "what the kernel's log says"},
	}
}

// observed keeps facts, and puts those with a place of their own there.
func (d *document) observed(f *detect.Facts) {
	for k, v := range d.Facts {
		f.Given[detect.Clean(k)] = detect.Clean(text(v))
	}
	alias(f.Given)
	if active := strings.TrimSpace(strings.ToLower(f.Given["unit_active"])); active != "" {
		f.Unit = &detect.Unit{Active: activeWord(active)}
	}
	if args := commandLine(f.Given); args != "" {
		if f.Unit == nil {
			f.Unit = &detect.Unit{}
		}
		unitFile(f.Unit, []string{"ExecStart=gunicorn " + args})
	}
	bind := strings.TrimPrefix(strings.TrimPrefix(f.Given["gunicorn_bind"], "http://"), "https://")
	if t, ok := address(bind); ok && bind != "" {
		if f.Unit == nil {
			f.Unit = &detect.Unit{}
		}
		f.Unit.Binds = []detect.Target{t}
	}
	d.proxied(f)
}

func activeWord(s string) string {
	switch s {
	case "true", "yes":
		return "active"
	case "false", "no":
		return "inactive"
	}
	word, _, _ := strings.Cut(s, " ")
	return word
}
