// Command image builds the Debians that throw-away machines boot from, where they are not there yet.
// `make image` runs it, so that the first test does not wait for a download.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

func main() {
	suite := flag.String("suite", "", "the one Debian to build: bookworm or trixie; both if empty")
	flag.Parse()
	suites := machine.Suites
	if *suite != "" {
		suites = []machine.Suite{machine.Suite(*suite)}
	}
	if err := build(suites); err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
}

// build takes one after the other: debootstrap waits for a processor most of the time.
func build(suites []machine.Suite) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for _, s := range suites {
		dir, err := machine.Image(ctx, s)
		if err != nil {
			return err
		}
		fmt.Println(dir)
	}
	return nil
}
