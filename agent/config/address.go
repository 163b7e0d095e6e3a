package config

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gatemend/gatemend/detect"
)

// Address is where a channel leads: a URL, or a file of root's that holds one. Either is a
// secret: whoever has the URL can write there.
type Address struct {
	URL  detect.SecretURL
	File string
}

// String is what may be shown: scheme and host, or the name of the file.
func (a Address) String() string {
	if a.File != "" {
		return a.File
	}
	return a.URL.String()
}

// addressMax is above any URL that a server takes.
const addressMax = 8 << 10

// Read gives the URL. A file is read each time, so that a new token needs no restart, and
// only where nobody but root could have written it, and not everybody can read it.
func (a Address) Read() (detect.SecretURL, error) { return a.readAs(0) }

func (a Address) readAs(owner Owner) (detect.SecretURL, error) {
	if a.File == "" {
		return a.URL, nil
	}
	f, err := os.OpenFile(a.File, os.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return detect.SecretURL{}, fmt.Errorf("cannot read the URL: %w", err)
	}
	defer f.Close()
	if err := owner.keepsSecret(f); err != nil {
		return detect.SecretURL{}, err
	}
	line, err := bufio.NewReader(io.LimitReader(f, addressMax)).ReadString('\n')
	if err != nil && err != io.EOF {
		return detect.SecretURL{}, fmt.Errorf("cannot read the URL: %w", err)
	}
	u, err := detect.ParseSecretURL(strings.TrimSpace(line))
	if err != nil {
		return detect.SecretURL{}, fmt.Errorf("the first line of %s is no URL to go to: %w", a.File, err)
	}
	return u, nil
}

func (o Owner) keepsSecret(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("cannot read the URL: %w", err)
	}
	switch why := o.distrust(info); {
	case !info.Mode().IsRegular():
		return fmt.Errorf("the URL is not used: %s is not a regular file", f.Name())
	case why != nil:
		return fmt.Errorf("the URL is not used: %s %s; %s", f.Name(), why.Why, why.do(f.Name()))
	case info.Mode().Perm()&0o004 != 0:
		return fmt.Errorf("the URL is not used: %s may be read by everybody (mode %04o); chmod o-r %s", f.Name(), info.Mode().Perm(), f.Name())
	}
	return nil
}

// addressed reads a group that has a URL, given as such or by the name of a file, and more.
func (r *reader) addressed(n *node, where string, to *Address, more ...field) {
	before := len(r.problems)
	r.group(n, where, append([]field{
		{"url", func(n *node) { r.secretURL(n, where, to) }},
		{"url_file", func(n *node) { r.urlFile(n, where, to) }},
	}, more...)...)
	switch {
	case len(r.problems) > before:
	case !to.URL.Set() && to.File == "":
		r.wrong(n, "url: https://…, or url_file: and a file that holds it", "%s has no URL", where)
	case to.URL.Set() && to.File != "":
		r.wrong(n, "one of them", "%s has both url and url_file", where)
	}
}

// secretURL never shows what was written: it may be the token alone.
func (r *reader) secretURL(n *node, where string, to *Address) {
	s, ok := r.text(n, where+" url")
	if !ok {
		return
	}
	u, err := detect.ParseSecretURL(s)
	if err != nil {
		r.wrong(n, "https:// and the rest", "%s url cannot be used: %s", where, err)
		return
	}
	to.URL = u
}

func (r *reader) urlFile(n *node, where string, to *Address) {
	s, ok := r.text(n, where+" url_file")
	switch {
	case ok && !filepath.IsAbs(s):
		r.wrong(n, "its absolute path, such as /etc/gatemend/"+where+".url", "%s url_file is not an absolute path", where)
	case ok:
		to.File = filepath.Clean(s)
	}
}
