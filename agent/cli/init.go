package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/discover"
	"github.com/gatemend/gatemend/policy"
)

const discoverTime = 30 * time.Second

// initFlags say what init writes, and where.
type initFlags struct{ act, force, show bool }

func (f initFlags) mode() policy.Mode {
	if f.act {
		return policy.ModeAct
	}
	return policy.ModeDryRun
}

func initVerb(o *options) *cobra.Command {
	var f initFlags
	c := verb("init", "find the sites of this host and write the configuration", none, func(c *cobra.Command, _ []string) error {
		return o.init(c.Context(), f)
	})
	c.Long = `init looks at nginx's configuration, at who listens and at systemd's units, and
writes what it found; what it must not manage it writes as manage: observe,
with the reason. The mode is dry-run: watch, decide, tell, touch nothing. With
--act the mode is act; where there is a configuration already, --act changes
nothing else in it.`
	c.Flags().BoolVar(&f.act, "act", false, "write mode: act, so that the agent acts from its next start or reload")
	c.Flags().BoolVar(&f.force, "force", false, "replace a configuration that is there; the old one is kept beside it")
	c.Flags().BoolVar(&f.show, "print", false, "print the configuration and write nothing")
	return c
}

func (o *options) init(ctx context.Context, f initFlags) error {
	if err := needRoot("init"); err != nil {
		return err
	}
	if _, err := os.Lstat(o.config); err == nil && !f.force && !f.show {
		if f.act {
			return o.arm()
		}
		return usage(fmt.Errorf("cannot write %q: it is there already; gatemend check says whether it is right, gatemend init --force replaces it", o.config))
	}
	found, err := o.discover(ctx)
	if err != nil {
		return err
	}
	text := config.Write(found.Sites, f.mode())
	if f.show {
		_, err := o.out.Write(text)
		return err
	}
	if err := replaceConfig(o.config, text); err != nil {
		return err
	}
	return o.reportInit(found, f.mode())
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

func (o *options) reportInit(found discover.Found, mode policy.Mode) error {
	code := Healthy
	if len(found.Sites) == 0 {
		code = NotWell
	}
	if o.json {
		return o.ending(code, o.printJSON(map[string]any{"path": o.config, "mode": mode, "sites": nonNil(found.Sites), "notes": nonNil(found.Notes)}))
	}
	for _, n := range found.Notes {
		fmt.Fprintf(o.errOut, "note: %s\n", safe(n))
	}
	if code == NotWell {
		fmt.Fprintf(o.errOut, "gatemend: no proxied site was found on this host; %s was written without any, for you to fill in\n", o.config)
		return ended(code)
	}
	o.found(found.Sites)
	fmt.Fprintf(o.out, "\nwritten to %s, mode %s; next: gatemend check && gatemend diagnose\n", o.config, mode)
	return nil
}

func (o *options) found(sites []detect.Site) {
	p := painter(o.out)
	rows := [][]cell{titles(p, "SITE", "SERVER", "TARGET", "UNIT", "MANAGE")}
	for _, s := range sites {
		for _, r := range s.Routes {
			rows = append(rows, []cell{plain(s.Name), plain(s.Server + r.Path), plain(r.Target.String()), plain(unitsText(r)), plain(because(r))})
		}
	}
	table(o.out, "", rows)
}

func unitsText(r detect.Route) string {
	var l []string
	for _, u := range []string{r.Unit, r.Socket} {
		if u != "" {
			l = append(l, u)
		}
	}
	if len(l) == 0 {
		return "–"
	}
	return strings.Join(l, ", ")
}

func because(r detect.Route) string {
	if r.Reason == "" {
		return string(r.Manage)
	}
	return string(r.Manage) + ": " + r.Reason
}
