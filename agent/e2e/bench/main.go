// Command bench measures on a real machine what the README promises, each beside what it is
// compared with, in the same run: medians, not best cases. `make bench` runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/gatemend/gatemend/agent/e2e/machine"
)

func main() {
	binary := flag.String("binary", "dist/gatemend", "the agent")
	rounds := flag.Int("rounds", 10, "how often each outage is measured")
	idle := flag.Duration("idle", 2*time.Minute, "how long the idle agent is watched")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *binary, *rounds, *idle)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, rounds int, idle time.Duration) error {
	if err := size(binary); err != nil {
		return err
	}
	return errors.Join(
		withShop(ctx, binary, outages, func(ctx context.Context, m *machine.Machine) error { return measureOutages(ctx, m, rounds) }),
		withShop(ctx, binary, shipped, func(ctx context.Context, m *machine.Machine) error { return measureIdle(ctx, m, idle) }),
	)
}

func size(binary string) error {
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	row("binary, static and stripped", fmt.Sprintf("%.2f MB", float64(info.Size())/1e6), "under 12 MB")
	return nil
}

// row prints one number with the limit it is held to.
func row(what, measured, limit string) { fmt.Printf("%-58s %14s   (%s)\n", what, measured, limit) }

func median(l []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(l))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}
