package machine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// cacheEnv moves the images, for a host whose /var is small.
const cacheEnv = "GATEMEND_E2E_CACHE"

const defaultCache = "/var/cache/gatemend-e2e"

// unusedFor is how long an image of an old recipe is kept. Two work trees with two recipes take turns
// on one host: removing at once would make each build again every time.
const unusedFor = 14 * 24 * time.Hour

func cacheDir() string {
	if dir := os.Getenv(cacheEnv); dir != "" {
		return dir
	}
	return defaultCache
}

// Image returns the directory of the suite's image, and builds it first if it is not there (about 80
// seconds). It is safe to call from many processes at once: one builds, the others wait.
// The image is shared by every machine and must never be written to.
func Image(ctx context.Context, suite Suite) (string, error) {
	dir, use, err := useImage(ctx, suite)
	if err != nil {
		return "", err
	}
	return dir, use.Close()
}

// useImage is Image, and a shared lock that keeps the image from being removed as long as it is open.
func useImage(ctx context.Context, suite Suite) (string, *os.File, error) {
	if err := checkHost(); err != nil {
		return "", nil, err
	}
	r := recipeFor(suite)
	dir := filepath.Join(cacheDir(), r.name())
	if err := os.MkdirAll(cacheDir(), 0o755); err != nil {
		return "", nil, fmt.Errorf("cannot create the image cache: %w (set %s to another directory)", err, cacheEnv)
	}
	for {
		use, err := lock(ctx, dir+".lock", unix.LOCK_SH)
		if err != nil {
			return "", nil, err
		}
		if _, err := os.Stat(dir); err == nil {
			now := time.Now()
			return dir, use, os.Chtimes(use.Name(), now, now) // when last used: see dropOldImages
		}
		use.Close()
		if err := buildOnce(ctx, r, dir); err != nil {
			return "", nil, err
		}
	}
}

// buildOnce builds unless another process did while we waited for it.
func buildOnce(ctx context.Context, r recipe, dir string) error {
	guard, err := lock(ctx, dir+".lock", unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer guard.Close()
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	return build(ctx, r, dir)
}

// build makes the image beside its final place and renames it there when it is whole, so that an image
// that exists is complete. The caller holds the image's lock: what lies in its place is abandoned.
func build(ctx context.Context, r recipe, dir string) error {
	dropOldImages(filepath.Dir(dir))
	partial := dir + ".partial"
	if err := removeTree(partial); err != nil {
		return err
	}
	log, err := os.Create(dir + ".log")
	if err != nil {
		return fmt.Errorf("cannot log the image build: %w", err)
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, "sh", "-c", r.script, "build", string(r.suite), r.include(), partial, mirror())
	cmd.Env = append(os.Environ(), proxyEnv(ctx)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = ownNamespaces()
	builder, err := startBound(cmd)
	if err == nil {
		err = builder.wait()
	}
	if err != nil {
		return fmt.Errorf("cannot build the %s image from %q: %w (read %q; set %s for another mirror)", r.suite, mirror(), err, log.Name(), mirrorEnv)
	}
	return os.Rename(partial, dir)
}

// ownNamespaces makes a child that is PID 1 of its own processes and owner of its own mounts, and
// that the kernel kills when we die: with it goes everything it started and mounted.
func ownNamespaces() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		Pdeathsig:  syscall.SIGKILL,
		Setpgid:    true, // Ctrl-C is ours to handle: the machine must outlive it until its logs are saved
	}
}

// removeTree removes an abandoned build. Mounts cannot be left by our own builder, but if a person
// mounted something below, it is unmounted first and never deleted through.
func removeTree(dir string) error {
	if _, err := os.Lstat(dir); os.IsNotExist(err) {
		return nil
	}
	for unix.Unmount(filepath.Join(dir, "proc"), unix.MNT_DETACH) == nil {
	}
	for unix.Unmount(filepath.Join(dir, "sys"), unix.MNT_DETACH) == nil {
	}
	out, err := exec.Command("rm", "-rf", "--one-file-system", "--", dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cannot remove the abandoned build %q: %w: %s (unmount what is below and remove it by hand)", dir, err, out)
	}
	return nil
}
