package nginxconf

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/detect"
)

var update = flag.Bool("update", false, "write golden files")

// dumped is the dump that nginx 1.22.1 (Debian 12) printed of testdata/tree.
func dumped(t testing.TB) *Conf {
	t.Helper()
	data, err := os.ReadFile("testdata/dump.txt")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSites(t *testing.T) {
	c := dumped(t)
	if p := c.Problems(); len(p) > 0 {
		t.Errorf("problems: %q", p)
	}
	got := map[string]detect.SiteConf{}
	for _, at := range []struct{ server, path string }{
		{"shop.example.com", "/"}, {"shop.example.com", "/static/x"}, {"shop.example.com", "/exact"}, {"shop.example.com", "/assets/x.php"},
		{"shop.example.com", "/x.php"}, {"shop.example.com", "/api/v1/x"}, {"shop.example.com", "/admin/x"}, {"shop.example.com", "/admin/deep/x"},
		{"shop.example.com", "/admin"}, {"api.example.com", "/"}, {"a.api.example.com", "/unix/x?y"}, {"api.example.com", "/tls"}, {"api.example.com", "/u"},
		{"api.example.com", "/g"}, {"api.example.com", "/log"}, {"nobody.example.org", "/"}, {"_", "/"},
	} {
		conf := c.Site(at.server, at.path)
		conf.Hash = ""
		got[at.server+at.path] = conf
	}
	golden(t, "testdata/sites.json", got)
}

func golden(t *testing.T, path string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestTheDiskReadsLikeTheDump: both sources give the same sites, also through absolute links of
// sites-enabled and past an editor's dot file.
func TestTheDiskReadsLikeTheDump(t *testing.T) {
	disk, err := ParseTree("testdata/tree", "/etc/nginx/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	dump := dumped(t)
	if diff := cmp.Diff(dump.Files(), disk.Files()); diff != "" {
		t.Errorf("files: %s", diff)
	}
	if p := disk.Problems(); len(p) > 0 {
		t.Errorf("problems: %q", p)
	}
	if lines, elsewhere := Diff(dump, disk, "shop.example.com"); len(lines) > 0 || elsewhere {
		t.Errorf("differ: %q %v", lines, elsewhere)
	}
	if _, err := ParseTree("testdata/tree", "/etc/nginx/none.conf"); err == nil {
		t.Error("a missing main file is no error")
	}
}

// TestSecretsAreNotKept walks everything that is held in memory.
func TestSecretsAreNotKept(t *testing.T) {
	c := dumped(t)
	var all []string
	walk(c.top, "", func(_ string, d *directive) { all = append(all, append([]string{d.name}, d.args...)...) })
	if len(all) < 100 {
		t.Fatalf("only %d words", len(all))
	}
	text := strings.Join(all, "\n")
	for _, secret := range []string{"sk_live", "rosebud", "hunter2", "key.pem", "htpasswd"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is kept", secret)
		}
	}
}

func TestUserFilesDirs(t *testing.T) {
	c := dumped(t)
	if c.User() != "www-data" {
		t.Errorf("user %q", c.User())
	}
	want := []string{"/etc/nginx", "/etc/nginx/conf.d", "/etc/nginx/sites-enabled", "/etc/nginx/snippets"}
	if diff := cmp.Diff(want, c.Dirs()); diff != "" {
		t.Error(diff)
	}
	c = c.Built(ParseBuild([]byte("configure arguments: --prefix=/etc/nginx --error-log-path=/var/log/e.log --http-log-path=/l --user=nginx")))
	if log, level := c.errorLog(nil); log != "/var/log/nginx/error.log" || level != "error" {
		t.Errorf("error log %s %s", log, level)
	}
	bare := parsed(t, "http { server { location / { error_log logs/x; proxy_pass http://a:1; } } }")
	bare = bare.Built(Build{Prefix: "/etc/nginx", ErrorLog: "/e", AccessLog: "/a", User: "nginx"})
	if s := bare.Site("", "/"); s.ErrorLog != "/etc/nginx/logs/x" || s.AccessLog != "/a" || bare.User() != "nginx" {
		t.Errorf("%+v", s)
	}
}

// parsed reads one file as a dump.
func parsed(t testing.TB, conf string) *Conf {
	t.Helper()
	c, err := Parse([]byte("# configuration file /etc/nginx/nginx.conf:\n" + conf + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBrokenFilesAreReadAsFarAsTheyGo(t *testing.T) {
	for _, test := range []struct{ name, conf, problem string }{
		{"unclosed", "http { server { listen 80; location / { proxy_pass http://a:1;", "line 2: unexpected end of file"},
		{"closed twice", "http { server { listen 80; location / { proxy_pass http://a:1; } } } }", `line 1: unexpected "}"`},
		{"no semicolon", "http { server { listen 80; location / { proxy_pass http://a:1 } } }", `/etc/nginx/nginx.conf:1: "proxy_pass" is not ended`},
		{"missing include", "include /none; http { server { location / { proxy_pass http://a:1; } } }", "/none is not in the dump"},
		{"includes itself", "include nginx.conf; http { server { location / { proxy_pass http://a:1; } } }", "it includes itself"},
		{"lua", "http { init_by_lua_block { local x = '}' if x then x = {} end }\n server { location / { proxy_pass http://a:1; } } }", ""},
		{"BOM and CRLF", "\xef\xbb\xbfhttp {\r\n server {\r\n location / {\r\n proxy_pass http://a:1;\r\n }\r\n }\r\n}", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := parsed(t, test.conf)
			got := strings.Join(c.Problems(), "\n")
			if !strings.Contains(got, test.problem) || test.problem == "" && got != "" {
				t.Errorf("problems %q", got)
			}
			up := c.Site("x", "/").Upstreams
			if len(up) != 1 || up[0].Target.Address != "a:1" {
				t.Errorf("upstreams %+v", up)
			}
		})
	}
	if _, err := Parse([]byte("nginx: [emerg] no\n")); err == nil {
		t.Error("no dump is no error")
	}
}

// TestWhichServer: nginx's order of names, and listen addresses.
func TestWhichServer(t *testing.T) {
	server := func(n, args string) string {
		return "server { " + args + " location / { proxy_pass http://" + n + ":1; } }\n"
	}
	c := parsed(t, "http {\n"+
		server("first", "listen 81; server_name first.org;")+
		server("regex", `listen 80; server_name ~^.*\.example\.com$;`)+
		server("star", "listen 80; server_name *.example.com;")+
		server("longstar", "listen 80; server_name *.a.example.com;")+
		server("end", "listen 80; server_name www.example.*;")+
		server("dot", "listen 80; server_name .dot.net;")+
		server("exact", "listen 80; server_name www.example.com;")+
		server("default", "listen 80 default_server; server_name _;")+
		server("quic", "listen 443 quic; server_name only.quic;")+"}")
	for name, want := range map[string]string{"www.example.com": "exact:1", "WWW.EXAMPLE.COM": "exact:1", "x.example.com": "star:1", "x.a.example.com": "longstar:1",
		"www.example.org": "end:1", "dot.net": "dot:1", "x.dot.net": "dot:1", "first.org": "first:1", "example.com": "default:1"} {
		got := c.Site(name, "/")
		if len(got.Upstreams) != 1 || got.Upstreams[0].Target.Address != want {
			t.Errorf("%s: %+v, want %s", name, got.Upstreams, want)
		}
	}
	got := c.Site("nothing.org", "/")
	if len(got.Endpoints) == 0 || !got.Endpoints[0].ByDefault {
		t.Errorf("nobody's name: %+v", got.Endpoints)
	}
}

func TestDiff(t *testing.T) {
	const shop, other = "server { server_name shop; location / { proxy_pass http://%; proxy_set_header X secret1; } }\n", "server { server_name other; location / { proxy_pass http://b:1; } }\n"
	old := parsed(t, "http {\n"+strings.Replace(shop, "%", "up", 1)+other+"upstream up { server a:1; }\n}")
	for _, test := range []struct {
		name, conf string
		lines      []string
		elsewhere  bool
	}{
		{"comments and places", "# x\n\nhttp {\n" + strings.Replace(shop, "%", "up", 1) + other + "upstream up { server a:1; }\n}", nil, false},
		{"the upstream", "http {\n" + strings.Replace(shop, "%", "up", 1) + other + "upstream up { server a:2; }\n}",
			[]string{"- /etc/nginx/nginx.conf:4: upstream up > server a:1", "+ /etc/nginx/nginx.conf:4: upstream up > server a:2"}, false},
		{"a secret", "http {\n" + strings.Replace(strings.Replace(shop, "%", "up", 1), "secret1", "secret2", 1) + other + "upstream up { server a:1; }\n}",
			[]string{"~ /etc/nginx/nginx.conf:2: a directive whose value is not kept was changed"}, false},
		{"another site", "http {\n" + strings.Replace(shop, "%", "up", 1) + strings.Replace(other, "b:1", "b:2", 1) + "upstream up { server a:1; }\n}", nil, true},
		{"all sites", "http { gzip on;\n" + strings.Replace(shop, "%", "up", 1) + other + "upstream up { server a:1; }\n}", nil, true},
	} {
		lines, elsewhere := Diff(old, parsed(t, test.conf), "shop")
		if !slices.Equal(lines, test.lines) || elsewhere != test.elsewhere {
			t.Errorf("%s: %q %v", test.name, lines, elsewhere)
		}
	}
}

func TestChanged(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(file, old, old); err != nil { // as cp -p leaves it: ctime tells
		t.Fatal(err)
	}
	before := detect.At(time.Now().Add(-time.Minute))
	if got := changed([]string{file}); got < before {
		t.Errorf("changed %v, an old mtime hides it", got.Time())
	}
	if got := changed([]string{"/nonexistent/x"}); got != 0 {
		t.Errorf("nothing: %v", got)
	}
	inner := filepath.Join(dir, "conf.d")
	if err := os.Mkdir(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	then := changed([]string{inner})
	for touched(os.Lstat(dir)) <= then { // ctime has the kernel's tick, 4 ms at most
		if err := os.WriteFile(filepath.Join(dir, "unrelated"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(dir, "unrelated")); err != nil {
			t.Fatal(err)
		}
	}
	if changed([]string{inner}) != then {
		t.Error("a change beside an included directory counts")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got := changed([]string{file}); got < before {
		t.Error("a removed file is not seen by its directory")
	}
}

func TestFollowable(t *testing.T) {
	for log, want := range map[string]bool{"/var/log/nginx/error.log": true, "off": false, "syslog:server=1": false, "/dev/null": false, "/dev/stdout": false,
		"stderr": false, "/var/log/$host.log": false, "memory:32m": false} {
		if Followable(log) != want {
			t.Errorf("%s: %v", log, !want)
		}
	}
}

func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/dump.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(data))
	f.Add("# configuration file /a:\nhttp{server{location ~ (a{proxy_pass http://$x")
	f.Add("# configuration file /a:\ninclude b;include b;http{set_by_lua_block $a {")
	f.Add("# configuration file /a:\nhttp{server{listen;server_name ~[;location{try_files / /}}")
	f.Fuzz(func(t *testing.T, data string) {
		c, err := Parse([]byte(data))
		if err != nil {
			return
		}
		for _, server := range []string{"", "shop.example.com"} {
			for _, path := range []string{"/", "/admin/x"} {
				c.Site(server, path)
			}
		}
		if lines, elsewhere := Diff(c, c, "shop.example.com"); len(lines) > 0 || elsewhere {
			t.Fatalf("a configuration differs from itself: %q", lines)
		}
	})
}

// A person is told which file it was; a file that was removed leaves only its directory.
func TestLastChangeNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-time.Hour)
	files := []string{filepath.Join(dir, "conf.d", "a.conf"), filepath.Join(dir, "nginx.conf")}
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := LastChange(files); filepath.Ext(got) != ".conf" {
		t.Errorf("after writing files, %q changed last", got)
	}
	for _, p := range append(files, dir) { // mtime only: ctime is now for all of them
		if err := os.Chtimes(p, old, old); err != nil {
			t.Fatal(err)
		}
	}
	future := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(dir, "conf.d"), future, future); err != nil {
		t.Fatal(err)
	}
	if got, _ := LastChange(files); got != filepath.Join(dir, "conf.d") {
		t.Errorf("after a file was removed, %q changed last", got)
	}
}

func changed(paths []string) detect.Time {
	_, at := LastChange(paths)
	return at
}
