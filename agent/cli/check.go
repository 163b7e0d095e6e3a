package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gatemend/gatemend/agent/config"
)

// checkTime bounds all questions of `check` to the machine.
const checkTime = 20 * time.Second

func checkVerb(o *options) *cobra.Command {
	return verb("check", "validate the configuration", cobra.NoArgs, func(c *cobra.Command, _ []string) error {
		return o.check(c.Context())
	})
}

// check reports every problem at once; what may be the outage itself is told and is no error.
func (o *options) check(ctx context.Context) error {
	cfg, err := o.load()
	if err != nil {
		return o.problems(err)
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	w, err := o.world(ctx, cfg)
	if err != nil {
		return err
	}
	defer w.close()
	found, err := config.Check(ctx, cfg, w)
	if err != nil {
		return err
	}
	return o.checked(cfg, found, w.silences(ctx))
}

func (o *options) checked(cfg *config.Config, found config.Problems, silent []string) error {
	bad := found.WithoutOutages()
	if o.json {
		if err := o.printJSON(map[string]any{"path": cfg.Path, "sites": len(cfg.Sites), "problems": nonNil(found), "silent": nonNil(silent)}); err != nil {
			return err
		}
	} else {
		for _, p := range found {
			fmt.Fprintf(o.errOut, "%s\n", p.Error())
		}
		for _, s := range silent {
			fmt.Fprintf(o.errOut, "note: %s\n", s)
		}
		if len(bad) == 0 {
			fmt.Fprintf(o.out, "%s: %d sites, mode %s: valid\n", cfg.Path, len(cfg.Sites), cfg.Policy.Mode)
		}
	}
	if len(bad) > 0 {
		return ended(Usage)
	}
	return nil
}

// load reads the configuration; whatever is wrong with it is the caller's: exit code 2.
func (o *options) load() (*config.Config, error) {
	cfg, err := config.Load(o.config)
	if err != nil {
		return nil, usage(err)
	}
	return cfg, nil
}

// problems prints a configuration's problems as JSON where asked.
func (o *options) problems(err error) error {
	var ps config.Problems
	if o.json && errors.As(err, &ps) {
		if err := o.printJSON(map[string]any{"path": o.config, "problems": ps}); err != nil {
			return err
		}
		return ended(Usage)
	}
	return err
}

func nonNil[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
