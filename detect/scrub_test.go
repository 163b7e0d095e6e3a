package detect_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
)

// leaks are texts in which a secret stands the way it stands in real logs, command lines and
// configurations; %s is the secret.
var leaks = []string{
	"sqlalchemy.exc.OperationalError: cannot connect to postgres://shop:%s@db.internal:5432/shop",
	"DATABASE_URL=postgresql+psycopg2://shop:%s@/shop?host=/run/postgresql",
	"redis.exceptions.ConnectionError: redis://:%s@127.0.0.1:6379/0 refused",
	"amqp://guest:12%s/34@rabbit//",
	"git clone https://%s@github.com/shop/shop.git failed",
	"SENTRY_DSN=https://%s@o1.ingest.sentry.io/2",
	`upstream: "https://shop:%s@backend:8443/x", host: "shop"`,
	`request: "GET /pay?order=7&sig=%s HTTP/1.1", upstream: "http://unix:/run/shop.sock:/pay?sig=x"`,
	`referrer: "https://shop.example.com/reset?t=%s&u=1"`,
	`127.0.0.1 - - [22/Nov/2026:11:20:15 +0000] "GET /cb?code=%s HTTP/1.1" 502 0 "-" "curl"`,
	"Authorization: Bearer %s",
	"Authorization: Digest username=\"u\", response=\"%s\"",
	"authorization=Basic c2hvcDo%s=",
	"Cookie: theme=dark; session=%s; lang=de",
	"Set-Cookie: sessionid=%s; Path=/; HttpOnly",
	`{'HTTP_COOKIE': 'a=b; sid=%s', 'PATH_INFO': '/'}`,
	"EnvironHeaders([('Host', 'shop'), ('Authorization', 'ApiKey %s'), ('X-Api-Key', 'x')])",
	"proxy_set_header Authorization \"Basic %s\";",
	"proxy_set_header X-Internal-Token %s;",
	"SECRET_KEY=%s",
	"KeyError in {'SECRET_KEY': '%s', 'DEBUG': False}",
	`app.config["SECRET_KEY"] = "%s"`,
	`settings.AWS_SECRET_ACCESS_KEY: %s`,
	`{"api_key":"%s","n":1}`,
	`{\"password\": \"%s\", \"n\": 1}`,
	"password='a b, %s; c' host=db",
	"password=ab,%s;c) host=db",
	"ValidationError: input_value={'stripe_key': '%s'}",
	"connect(user='shop', passwd='%s')",
	"MYSQL_PWD=%s mysqldump shop",
	"gunicorn --env STRIPE_SECRET=%s app:app",
	"worker --api-token %s --queue mail",
	"/usr/bin/pay '--password' '%s'",
	"export DB_PASS=%s",
	"fernet-key: b'%s='",
	"bad secret: \"%s\"",
	"X-Amz-Signature=%s&X-Amz-Expires=60",
	"posting to https://hooks.slack.com/services/T0/B0/%s: 404",
	"https://discord.com/api/webhooks/123/%s",
	"token rejected: ghp_%[1]sabcdefghij%[1]s",
	"xoxb-123456-%s",
	"sk_live_%s%[1]s",
	"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi%s.%[1]s",
	"the key aB3dE5fG7hJ9%skL2mN4 was refused",
	"-----BEGIN RSA PRIVATE KEY----- %s",
	"Broken URL 'postgres://shop:x%s", // the last: nothing may come behind it
}

// canaries have nothing about them that gives them away.
var canaries = []string{"canary", "CANARY", "CaNaRy7x9Q", "hunter2canary", "31415926canary"}

func TestScrubHidesSecretsWhereTheyStand(t *testing.T) {
	for _, leak := range leaks {
		for _, canary := range canaries {
			text := fmt.Sprintf(leak, canary)
			got := detect.Clean(text)
			if strings.Contains(strings.ToLower(got), strings.ToLower(canary)) {
				t.Errorf("Clean(%q) = %q", text, got)
			}
			if again := detect.Clean(got); again != got {
				t.Errorf("a second time %q becomes %q", got, again)
			}
		}
	}
}

// TestScrubOfACutText: where the text is cut must not decide whether a secret is known as one.
func TestScrubOfACutText(t *testing.T) {
	const canary = "CaNaRy"
	for _, leak := range leaks {
		secret := strings.Repeat(canary, 20)
		for _, pad := range []int{0, 1850, 1990, 2030} { // the last three put the cut into the secret
			text := "token=" + strings.Repeat("x", pad) + " " + fmt.Sprintf(leak, secret)
			if got := detect.Clean(text); strings.Contains(got, canary) {
				t.Fatalf("with %d bytes in front, of %q is left %q", pad, leak, got)
			}
		}
	}
}

// TestScrubKeepsWhatTellsTheCause: what an honest log says, word for word.
func TestScrubKeepsWhatTellsTheCause(t *testing.T) {
	for _, text := range []string{
		"connect() to unix:/run/shop/shop.sock failed (2: No such file or directory) while connecting to upstream",
		`client: 127.0.0.1, server: shop, request: "GET /search HTTP/1.1", upstream: "http://unix:/run/shop/shop.sock:/search", host: "shop"`,
		`upstream: "http://127.0.0.1:8000/@alice", host: "shop"`,
		"KeyError: 'API_TOKEN'",
		"ModuleNotFoundError: No module named 'jwt'",
		"ImportError: cannot import name 'secret_key' from 'app.settings' (/srv/shop/app/settings.py)",
		`password authentication failed for user "shop"`,
		"[2026-11-22 11:20:15 +0000] [1] [INFO] Listening at: http://127.0.0.1:8000 (1)",
		"shop.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED",
		"pam_unix(sudo:session): session opened for user root(uid=0) by alice(uid=1000)",
		"peer authorization failed, basic authentication is off",
		"/usr/bin/gunicorn --workers 2 --umask 007 --bind unix:/run/shop/shop.sock app:app",
		"ImportError: Failed to find application, did you mean 'app:application'?",
		"/srv/Shop2024Production17Frontend/app.py",
		"1b4ec9a8624d7a40a9e1e7641257651c",
		"docker-0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9.scope",
		"sqlite3.OperationalError: unable to open database file",
		"gunicorn: master [app:app]",
		"take --certfile and --keyfile out",
	} {
		if got := detect.Clean(text); got != text {
			t.Errorf("Clean(%q)\n = %q", text, got)
		}
	}
}

// TestScrubKeepsTheEvidence: of the project's own documents, captured on machines that hold no
// secret but the queries of their requests and SECRET_KEY=x, nothing is hidden.
func TestScrubKeepsTheEvidence(t *testing.T) {
	files, err := filepath.Glob("../examples/incidents/*.json")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var document any
		if err := json.Unmarshal(text, &document); err != nil {
			t.Fatal(err)
		}
		eachText(document, func(s string) {
			if got := detect.Scrub(s); got != s && !strings.Contains(s, "?") && !strings.Contains(s, "SECRET_KEY=x") {
				t.Errorf("%s: %q\n became %q", file, s, got)
			}
		})
	}
}

func eachText(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, e := range v {
			eachText(e, visit)
		}
	case map[string]any:
		for _, e := range v {
			eachText(e, visit)
		}
	}
}

// FuzzScrub: no secret is left in any of the places, whatever stands around them.
func FuzzScrub(f *testing.F) {
	for i := range leaks {
		f.Add(i, "nginx: ", " and so on")
	}
	f.Fuzz(func(t *testing.T, i int, before, after string) {
		i = (i%len(leaks) + len(leaks)) % len(leaks)
		leak := leaks[i]
		const canary = "CaNaRy7x9Q"
		text := before + " " + fmt.Sprintf(leak, canary) + " " + after
		if i == len(leaks)-1 {
			text = strings.TrimSuffix(text, " "+after)
		}
		if len(text) > detect.TextMax || strings.ContainsAny(before, "\"'\\[]:=?-@") {
			t.Skip() // what comes before may take the secret's own name away: `a="b password=…`
		}
		if got := detect.Clean(text); strings.Contains(got, canary) {
			t.Errorf("Clean(%q) = %q", text, got)
		}
		once := detect.Clean(text)
		if twice := detect.Clean(once); len(twice) > detect.TextMax || strings.Contains(twice, canary) {
			t.Errorf("%q", twice)
		}
	})
}
