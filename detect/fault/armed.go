//go:build faultpoints

package fault

import (
	"fmt"
	"os"
	"strings"
)

// Reach carries out what the file asks for at this point.
func Reach(point string) {
	raw, err := os.ReadFile(File)
	if err != nil {
		return
	}
	for line := range strings.Lines(string(raw)) {
		action, at, _ := strings.Cut(strings.TrimSpace(line), " ")
		if at == point {
			carryOut(action, point)
		}
	}
}

func carryOut(action, point string) {
	if os.Remove(File) != nil {
		return // it is somebody else's turn
	}
	fmt.Fprintf(os.Stderr, "fault point: %s at %q\n", action, point)
	switch action {
	case "kill":
		self, _ := os.FindProcess(os.Getpid()) // cannot fail on Linux
		_ = self.Kill()
		select {}
	case "freeze":
		select {}
	}
}
