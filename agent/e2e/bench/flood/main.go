// Command flood compares how fast detect/nginxlog classifies an error log in a flood with
// `grep -cF -f patterns` and the same patterns: the same file, in the same run, in turns, one core each;
// what is compared is the processor time, reading included.
//
//	go run ./agent/e2e/bench/flood [-mb 200] [-rounds 5]
//
// It prints medians and ends with status 1 where grep was faster.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

func main() {
	mb := flag.Int("mb", 200, "size of each log, in millions of bytes")
	rounds := flag.Int("rounds", 5, "how often each is read")
	flag.Parse()
	runtime.GOMAXPROCS(1) // grep has one core too
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *mb, max(*rounds, 1))
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "flood: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, mb, rounds int) error {
	dir, err := os.MkdirTemp("", "flood")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	patterns := filepath.Join(dir, "patterns")
	if err := writePatterns(patterns); err != nil {
		return err
	}
	var slower []error
	for _, f := range floods {
		log := filepath.Join(dir, "error.log")
		if err := f.write(log, mb*1_000_000); err != nil {
			return err
		}
		ratio, err := compare(ctx, f.name, log, patterns, rounds)
		if err != nil {
			return err
		}
		if ratio < 1 {
			slower = append(slower, fmt.Errorf("grep was faster on %s", f.name))
		}
	}
	return errors.Join(slower...)
}

// compare reads the log in turns, so that whatever else the machine does slows both, and prints the medians.
func compare(ctx context.Context, name, log, patterns string, rounds int) (float64, error) {
	var ours, greps []time.Duration
	var counted, matched, size int
	for range rounds {
		took, lines, bytes, err := classify(log)
		if err != nil {
			return 0, err
		}
		ours, counted, size = append(ours, took), lines, bytes
		if took, matched, err = grep(ctx, log, patterns); err != nil {
			return 0, err
		}
		greps = append(greps, took)
	}
	ratio := median(greps).Seconds() / median(ours).Seconds()
	rate := func(d time.Duration) float64 { return float64(size) / 1e6 / d.Seconds() }
	fmt.Printf("%-42s classifier %6.0f MB/s (%d lines), grep -cF %6.0f MB/s (%d lines): %.2f times as fast\n",
		name, rate(median(ours)), counted, rate(median(greps)), matched, ratio)
	return ratio, nil
}

func median(l []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(l))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
