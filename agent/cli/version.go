package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// Version is the version as linked in, or the commit that Go recorded, or "dev".
func Version() string {
	if version != "dev" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "dev-" + s.Value[:12]
		}
	}
	return version
}

func versionVerb(o *options) *cobra.Command {
	return verb("version", "print the version", none, func(*cobra.Command, []string) error {
		if o.json {
			return o.printJSON(map[string]string{"version": Version(), "go": runtime.Version(), "arch": runtime.GOARCH})
		}
		_, err := fmt.Fprintf(o.out, "gatemend %s %s/%s %s\n", Version(), runtime.GOOS, runtime.GOARCH, runtime.Version())
		return err
	})
}
