// Command image builds the Debian that throw-away machines boot from, where it is not there yet.
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
	suite := flag.String("suite", string(machine.Bookworm), "the Debian to build: bookworm or trixie")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	dir, err := machine.Image(ctx, machine.Suite(*suite))
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "image: %v\n", err)
		os.Exit(1)
	}
	fmt.Println(dir)
}
