package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/discover"
	"github.com/gatemend/gatemend/policy"
)

const discoverTime = 30 * time.Second

func initVerb(o *options) *cobra.Command {
	var act, force, show bool
	c := verb("init", "find the sites of this host and write the configuration", none, func(c *cobra.Command, _ []string) error {
		mode := policy.ModeDryRun
		if act {
			mode = policy.ModeAct
		}
		return o.init(c.Context(), mode, force, show)
	})
	c.Flags().BoolVar(&act, "act", false, "write mode: act, so that the agent acts from its start")
	c.Flags().BoolVar(&force, "force", false, "replace a configuration that is there; the old one is kept beside it")
	c.Flags().BoolVar(&show, "print", false, "print the configuration and write nothing")
	return c
}

func (o *options) init(ctx context.Context, mode policy.Mode, force, show bool) error {
	if _, err := os.Stat(o.config); err == nil && !force && !show {
		return usage(fmt.Errorf("cannot write %q: it is there already; look at it with gatemend check, or replace it with gatemend init --force", o.config))
	}
	found, err := o.discover(ctx)
	if err != nil {
		return err
	}
	text := config.Write(found.Sites, mode)
	if show {
		_, err := o.out.Write(text)
		return err
	}
	if err := o.writeConfig(text); err != nil {
		return err
	}
	return o.reportInit(found, mode)
}

func (o *options) discover(ctx context.Context) (discover.Found, error) {
	ctx, cancel := context.WithTimeout(ctx, discoverTime)
	defer cancel()
	src, done, err := sources(ctx)
	if err != nil {
		return discover.Found{}, err
	}
	defer done()
	return discover.Discover(ctx, src)
}

// writeConfig replaces the file in one step. A configuration names what root restarts, so it is root's.
func (o *options) writeConfig(text []byte) error {
	dir := filepath.Dir(o.config)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make %q: %w", dir, err)
	}
	if err := keepOld(o.config); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".gatemend-*")
	if err != nil {
		return fmt.Errorf("cannot write the configuration: %w", err)
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("cannot write %q: %w", tmp.Name(), err)
	}
	return os.Rename(tmp.Name(), o.config)
}

func keepOld(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	old := path + ".old-" + time.Now().Format("20060102-150405")
	if err := os.Link(path, old); err != nil {
		return fmt.Errorf("cannot keep the old configuration as %q: %w", old, err)
	}
	return nil
}

func (o *options) reportInit(found discover.Found, mode policy.Mode) error {
	if o.json {
		return o.printJSON(map[string]any{"path": o.config, "mode": mode, "sites": nonNil(found.Sites), "notes": nonNil(found.Notes)})
	}
	p := painter(o.out)
	for _, s := range found.Sites {
		for _, r := range s.Routes {
			fmt.Fprintf(o.out, "%s  %s%s → %s  %s  %s%s\n", p.bold(s.Name), safe(s.Server), safe(r.Path), safe(r.Target.String()),
				safe(r.Unit), r.Manage, because(r))
		}
	}
	for _, n := range found.Notes {
		fmt.Fprintf(o.errOut, "note: %s\n", safe(n))
	}
	if len(found.Sites) == 0 {
		fmt.Fprintf(o.errOut, "gatemend: no proxied site was found on this host; %s has an example to fill in\n", o.config)
		return ended(NotWell)
	}
	fmt.Fprintf(o.out, "\nwritten: %s, mode %s. Next: gatemend check && gatemend diagnose\n", o.config, mode)
	return nil
}

func because(r detect.Route) string {
	if r.Reason == "" {
		return ""
	}
	return ": " + safe(r.Reason)
}
