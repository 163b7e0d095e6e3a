package audit

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// child makes the test binary append for ever and print each number that was acknowledged.
const child = "GATEMEND_AUDIT_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(child); dir != "" {
		appendForEver(dir)
	}
	os.Exit(m.Run())
}

func appendForEver(dir string) {
	l, err := Open(dir, Options{Journal: "/nonexistent"})
	for err == nil {
		var seq int64
		if seq, err = l.Append(context.Background(), intentOf(20<<10)); err == nil {
			fmt.Println(seq)
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

// Promise 2: what was acknowledged is there, whenever we are killed.
func TestKilledWhileAppending(t *testing.T) {
	dir := t.TempDir()
	for round := range 8 {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), child+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var last int64
		for scan := bufio.NewScanner(out); scan.Scan(); {
			seq, err := strconv.ParseInt(strings.TrimSpace(scan.Text()), 10, 64)
			if err != nil {
				t.Fatalf("the child ended: %s", scan.Text())
			}
			last = seq
			if seq%20 == int64(round+5) {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // it was killed
		r, err := Verify(dir)
		if err != nil || !r.OK() {
			t.Fatalf("damaged by a kill: %+v, %v", r.Damage, err)
		}
		if r.Head.Seq < last {
			t.Fatalf("record %d was acknowledged, %d is the last that is there", last, r.Head.Seq)
		}
	}
}
