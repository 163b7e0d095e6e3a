package detect_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gatemend/gatemend/detect"
)

func TestCleanArgsHidesSecrets(t *testing.T) {
	const c = "CaNaRy"
	for _, argv := range [][]string{
		{"worker", "--token", c},
		{"worker", "--db-password", c, "--queue", "mail"},
		{"worker", "--token=" + c},
		{"worker", "-password", c},
		{"worker", "postgres://shop:" + c + "@db/shop"},
		{"gunicorn", "--env", "STRIPE=" + c, "app:app"},
		{"gunicorn", "-e", "stripe=" + c, "app:app"},
		{"gunicorn", "-eSTRIPE=" + c, "app:app"},
		{"gunicorn", "--env=STRIPE=" + c, "app:app"},
		{"env", "STRIPE=" + c, "gunicorn", "app:app"},
		{"sh", "-c", "STRIPE=" + c + " exec gunicorn app:app"},
		{"sh", "-c", "export STRIPE='a " + c + "'; exec gunicorn --access-token " + c + " app:app"},
		{"gunicorn: master [app:app] --token " + c},
		{"x", "Authorization: Bearer " + c + "1234"},
	} {
		if got := strings.Join(detect.CleanArgs(argv), " "); strings.Contains(got, c) {
			t.Errorf("%q is kept as %q", argv, got)
		}
	}
}

func TestCleanArgsKeepsTheRest(t *testing.T) {
	for _, argv := range [][]string{
		{"/srv/shop/venv/bin/gunicorn", "--workers", "2", "--bind", "unix:/run/shop/shop.sock", "--umask", "007", "app:app"},
		{"sh", "-c", "cd /srv/shop && PORT=8000 exec gunicorn -b :$PORT app:app"},
		{"gunicorn", "--env", "WEB_CONCURRENCY=4", "app:app"},
		{"gunicorn", "--keyfile", "/etc/ssl/shop.pem", "app:create_app(x='1')"},
		{"nginx: master process /usr/sbin/nginx -g daemon on; master_process on;"},
		nil,
	} {
		if diff := cmp.Diff(argv, detect.CleanArgs(argv)); diff != "" {
			t.Errorf("%q: %s", argv, diff)
		}
	}
	if n := len(detect.CleanArgs(slices.Repeat([]string{"a"}, 1000))); n != 64 {
		t.Errorf("%d words are kept", n)
	}
}
