package look

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/envfile"
	"golang.org/x/sys/unix"
)

// Fingerprints implements [Looker]. A file that is missing has the fingerprint "missing".
func (l *Local) Fingerprints(ctx context.Context, site string) (map[string]string, error) {
	if os.Geteuid() != 0 {
		return nil, ErrNotRoot
	}
	out, found := map[string]string{}, false
	for _, s := range l.sites() {
		if s.Name != site {
			continue
		}
		found = true
		for _, r := range s.Routes {
			for _, name := range []string{r.Unit, r.Socket} {
				if err := l.ofUnit(ctx, name, out); err != nil {
					return nil, err
				}
			}
		}
	}
	if !found {
		return nil, fmt.Errorf("cannot look at site %q: %w", site, ErrUnknown)
	}
	return out, nil
}

func (l *Local) ofUnit(ctx context.Context, name string, out map[string]string) error {
	if name == "" {
		return nil
	}
	u, err := l.units.Unit(ctx, name)
	if err != nil {
		return err
	}
	for _, path := range Files(u) {
		out[path] = l.fingerprint(path, slices.ContainsFunc(u.EnvFiles, func(f string) bool { return strings.TrimPrefix(f, "-") == path }))
	}
	return ctx.Err()
}

// Files lists the files that a unit is made of: its fragment and drop-ins, environment files,
// gunicorn's configuration, and the module that it loads. Those that do not exist count too,
// except that of an app's two possible entry files (app.py, app/__init__.py) one is enough.
func Files(u *detect.Unit) []string {
	out := append(unitFiles(u), u.ConfigFile, entry(u))
	kept := out[:0]
	for _, path := range out {
		if filepath.IsAbs(path) {
			kept = append(kept, filepath.Clean(path))
		}
	}
	return kept
}

// entry is the file of the app's module below the working directory; "" when unknown.
func entry(u *detect.Unit) string {
	module, _, _ := strings.Cut(u.App, ":")
	if module == "" || strings.ContainsAny(module, "/\\") || u.Directory() == "" {
		return ""
	}
	base := filepath.Join(u.WorkDir, filepath.FromSlash(strings.ReplaceAll(module, ".", "/")))
	if pkg := filepath.Join(base, "__init__.py"); exists(pkg) {
		return pkg
	}
	return base + ".py"
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

const hashedMax = 1 << 20

// fingerprint is "mtime size hash", mtime in microseconds, and of an environment file "mtime size hash NAME,NAME".
// The hash is keyed, because an environment file is short and holds secrets, and covers the first MiB.
func (l *Local) fingerprint(path string, environment bool) string {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0) // a FIFO must not block
	if os.IsNotExist(err) {
		return "missing"
	}
	if err != nil {
		return "unreadable"
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil || !fi.Mode().IsRegular() {
		return "not a file"
	}
	text, err := io.ReadAll(io.LimitReader(f, hashedMax))
	if err != nil {
		return "unreadable"
	}
	mac := hmac.New(sha256.New, l.opts.Key)
	_, _ = mac.Write(text)
	print := fmt.Sprintf("%d %d %s", fi.ModTime().UnixMicro(), fi.Size(), hex.EncodeToString(mac.Sum(nil)[:12]))
	if environment {
		set := map[string]string{}
		envfile.Parse(string(text), set)
		print += " " + strings.Join(envfile.Names(set), ",")
	}
	return print
}
