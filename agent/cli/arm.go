package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gatemend/gatemend/agent/config"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/durable"
)

// modeLine is where the mode stands, as init writes it and a person does.
var modeLine = regexp.MustCompile(`(?m)^mode:([ \t]*)dry-run\b`)

// arm sets mode: act in the configuration that is there, and changes no other byte.
func (o *options) arm() error {
	cfg, err := o.load()
	if err != nil {
		return err
	}
	if cfg.Policy.Mode == policy.ModeAct {
		fmt.Fprintf(o.out, "%s has mode act already\n", o.config)
		return nil
	}
	text, err := os.ReadFile(o.config)
	if err != nil {
		return fmt.Errorf("cannot read the configuration: %w", err)
	}
	armed := modeLine.ReplaceAll(text, []byte("mode:${1}act"))
	if bytes.Equal(armed, text) { // no mode is written, which means dry-run
		armed = append([]byte("mode: act\n"), text...)
	}
	if c, err := config.Parse(o.config, armed); err != nil || c.Policy.Mode != policy.ModeAct {
		return usage(fmt.Errorf("cannot find where %q says its mode: write mode: act in it yourself", o.config))
	}
	if err := replaceConfig(o.config, armed); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.out, "%s has mode act now; next: gatemend check && systemctl reload-or-restart gatemend\n", o.config)
	return err
}

// replaceConfig writes the file in one step, and keeps the old one beside it. A configuration
// names what root restarts, so it is root's.
func replaceConfig(path string, text []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot make %q: %w", dir, err)
	}
	if err := keepOld(path); err != nil {
		return err
	}
	if err := durable.Replace(path, text, 0o644); err != nil {
		return fmt.Errorf("cannot write the configuration: %w", err)
	}
	return nil
}

func keepOld(path string) error {
	old := path + ".old-" + time.Now().Format("20060102-150405.000")
	if err := os.Link(path, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot keep the old configuration as %q: %w", old, err)
	}
	return nil
}
