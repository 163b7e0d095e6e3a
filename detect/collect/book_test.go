package collect

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxconf"
)

// disk is an nginx configuration in a directory, dumped as `nginx -T` does.
type disk struct {
	path  string
	dumps int
	err   error

	refused *detect.ConfTest // beside err
}

func newDisk(t *testing.T, target string) *disk {
	t.Helper()
	d := &disk{path: filepath.Join(t.TempDir(), "nginx.conf")}
	d.write(t, target, time.Now().Add(-time.Hour))
	return d
}

// write puts a configuration there, by a file of its own name as editors do, with its times in the past
// as far as a test can set them: ctime is now.
func (d *disk) write(t *testing.T, target string, at time.Time) {
	t.Helper()
	text := "events {}\nhttp { server { listen 127.0.0.1:80; server_name shop; location / { proxy_pass http://" + target + "; } } }\n"
	if err := os.WriteFile(d.path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(d.path, at, at); err != nil {
		t.Fatal(err)
	}
}

func (d *disk) dump(context.Context) (*nginxconf.Conf, error) {
	d.dumps++
	text, err := os.ReadFile(d.path)
	if err = errors.Join(err, d.err); err != nil {
		files, _ := nginxconf.ParseTree("/", d.path)
		if files != nil {
			files.Refused = d.refused
		}
		return files, err
	}
	return nginxconf.Parse(append([]byte("# configuration file "+d.path+":\n"), text...))
}

func (d *disk) book() *book {
	build := nginxconf.Debian
	build.Conf = d.path
	return &book{now: d.dump, build: build}
}

func targetOf(c *nginxconf.Conf) string {
	if c == nil {
		return ""
	}
	for _, u := range c.Site("shop", "/").Upstreams {
		return u.Target.String()
	}
	return "none"
}

// settle waits until the clock has passed the last change: what changed in the same tick as the dump is
// read again.
func settle(t *testing.T, b *book) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !b.firm; time.Sleep(time.Millisecond) {
		if _, err := b.read(t.Context(), 0); err != nil || time.Now().After(deadline) {
			t.Fatalf("the configuration does not settle: %v", err)
		}
	}
}

func TestBookDumpsAgainOnlyAfterAChange(t *testing.T) {
	d := newDisk(t, "127.0.0.1:8000")
	b := d.book()
	settle(t, b)
	before := d.dumps
	for range 3 {
		if r, err := b.read(t.Context(), 0); err != nil || targetOf(r.disk) != "127.0.0.1:8000" {
			t.Fatalf("read %q, %v", targetOf(r.disk), err)
		}
	}
	if d.dumps != before {
		t.Errorf("dumped %d times more without a change", d.dumps-before)
	}
	d.write(t, "127.0.0.1:9000", time.Now())
	if r, _ := b.read(t.Context(), 0); targetOf(r.disk) != "127.0.0.1:9000" {
		t.Errorf("after a change it reads %q", targetOf(r.disk))
	}
}

// A dump counts as loaded only if nothing was changed since the workers started.
func TestBookKnowsWhatWasLoaded(t *testing.T) {
	d := newDisk(t, "127.0.0.1:8000")
	b := d.book()
	old := detect.At(time.Now().Add(-time.Minute)) // workers from before the file was written
	if r, _ := b.read(t.Context(), old); r.loaded != nil {
		t.Errorf("loaded counts although the file is newer than the workers")
	}
	gen := detect.At(time.Now().Add(time.Minute)) // workers from after
	if r, _ := b.read(t.Context(), gen); targetOf(r.loaded) != "127.0.0.1:8000" {
		t.Errorf("loaded is %q", targetOf(r.loaded))
	}

	d.write(t, "127.0.0.1:9000", time.Now().Add(2*time.Minute))
	r, _ := b.read(t.Context(), gen)
	if targetOf(r.disk) != "127.0.0.1:9000" || targetOf(r.loaded) != "127.0.0.1:8000" {
		t.Errorf("changed on disk: disk %q, loaded %q", targetOf(r.disk), targetOf(r.loaded))
	}
	if r, _ := b.read(t.Context(), 0); r.loaded != nil {
		t.Error("loaded counts although no worker runs")
	}
	if r, _ := b.read(t.Context(), gen+1); r.loaded != nil {
		t.Error("what older workers loaded counts for newer ones")
	}
}

func TestBookReadsTheFilesWhenNginxRefuses(t *testing.T) {
	d := newDisk(t, "127.0.0.1:8000")
	b := d.book()
	gen := detect.At(time.Now().Add(time.Minute))
	if _, err := b.read(t.Context(), gen); err != nil {
		t.Fatal(err)
	}
	d.write(t, "127.0.0.1:9000", time.Now().Add(2*time.Minute))
	d.err = errors.New("test failed")
	r, err := b.read(t.Context(), gen)
	if err == nil || targetOf(r.disk) != "127.0.0.1:9000" || r.changed == 0 || targetOf(r.loaded) != "127.0.0.1:8000" {
		t.Errorf("disk %q changed %d, loaded %q, %v", targetOf(r.disk), r.changed, targetOf(r.loaded), err)
	}
	if err := os.Remove(d.path); err != nil {
		t.Fatal(err)
	}
	if r, err := b.read(t.Context(), gen); err == nil || r.disk != nil {
		t.Errorf("without a file: disk %v, %v", r.disk, err)
	}
}
