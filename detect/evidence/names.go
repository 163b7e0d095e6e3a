package evidence

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Name is a fact that rules know, for `gatemend explain --facts`.
type Name struct{ Name, Meaning string }

// Names lists the facts that rules know. Others may be given; they are shown, and decide nothing.
func Names() []Name {
	return []Name{
		{"socket_exists", "true or false: is the socket's file there"},
		{"socket_path", "the path that gunicorn binds or nginx connects to"},
		{"socket_mode", "its mode, as 0660 or srw-rw----"},
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
		{"max_requests", "gunicorn's --max-requests"},
		{"gunicorn_args", "gunicorn's command line"},
		{"gunicorn_bind", "where gunicorn binds"},
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
	if active := strings.TrimSpace(strings.ToLower(f.Given["unit_active"])); active != "" {
		f.Unit = &detect.Unit{Active: activeWord(active)}
	}
	args := f.Given["gunicorn_args"]
	if args == "" {
		args = f.Given["args"]
	}
	if args != "" {
		if f.Unit == nil {
			f.Unit = &detect.Unit{}
		}
		unitFile(f.Unit, []string{"ExecStart=gunicorn " + strings.TrimPrefix(args, "gunicorn ")})
	}
	if t, ok := address(f.Given["gunicorn_bind"]); ok && f.Given["gunicorn_bind"] != "" {
		if f.Unit == nil {
			f.Unit = &detect.Unit{}
		}
		f.Unit.Binds = []detect.Target{t}
	}
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
