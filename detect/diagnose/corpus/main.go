// Command corpus scores the diagnosis against files of incidents with a known cause.
//
//	go run ./detect/diagnose/corpus [-v] FILE...
//
// Each line of a file is a JSON object: {"id", "cause", "secondary", "cause_basis", "evidence"} for
// an incident, {"lines"} for log lines that say nothing and must give unknown. Only the evidence
// is shown to the diagnosis: a document, or a string of text as it was pasted.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	verbose := flag.Bool("v", false, "print every incident that was not right at once")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: corpus [-v] FILE...")
		os.Exit(2)
	}
	for _, name := range flag.Args() {
		if err := report(os.Stdout, name, *verbose); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// report scores one file and prints what came of it.
func report(w io.Writer, name string, verbose bool) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("cannot score: %w", err)
	}
	defer f.Close()
	var all tally
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for n := 1; lines.Scan(); n++ {
		var i incident
		if err := json.Unmarshal(lines.Bytes(), &i); err != nil {
			return fmt.Errorf("cannot score %s:%d: %w", name, n, err)
		}
		got, err := i.judge()
		if err != nil {
			return fmt.Errorf("cannot score %s:%d: %w", name, n, err)
		}
		all.add(got)
		if verbose && got.verdict != right {
			fmt.Fprintln(w, got)
		}
	}
	fmt.Fprintf(w, "%s\n", name)
	all.print(w)
	return lines.Err()
}
