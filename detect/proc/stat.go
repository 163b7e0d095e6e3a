package proc

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// stat is what /proc/PID/stat says (proc_pid_stat(5)).
type stat struct {
	comm  string
	state string
	ppid  int
	ticks int    // of CPU used, user and system
	start uint64 // ticks after boot
}

var errMalformed = errors.New("malformed /proc entry")

// parseStat reads /proc/PID/stat. The name in parentheses may itself hold parentheses and
// spaces (gunicorn's is "gunicorn: maste"): it ends at the last one.
func parseStat(b []byte) (stat, error) {
	open, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')')
	if open < 0 || end < open {
		return stat{}, errMalformed
	}
	f := strings.Fields(string(b[end+1:]))
	if len(f) < 20 { // fields 3 to 22
		return stat{}, errMalformed
	}
	ppid, err1 := strconv.Atoi(f[1])
	user, err2 := strconv.Atoi(f[11])
	system, err3 := strconv.Atoi(f[12])
	start, err4 := strconv.ParseUint(f[19], 10, 64)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return stat{}, errMalformed
	}
	return stat{comm: detect.Clean(string(b[open+1 : end])), state: f[0], ppid: ppid, ticks: user + system, start: start}, nil
}

// Credentials are the rights of a running process, which may be older than /etc/group.
type Credentials struct {
	UID, GID int   // effective
	Groups   []int // supplementary
}

// status is what /proc/PID/status says (proc_pid_status(5)).
type status struct {
	cred   Credentials
	tracer int
}

func parseStatus(b []byte) (status, error) {
	s := status{cred: Credentials{UID: -1, GID: -1}}
	for line := range strings.Lines(string(b)) {
		key, value, _ := strings.Cut(line, ":")
		f := strings.Fields(value)
		switch {
		case key == "Groups":
			s.cred.Groups = numbers(f)
		case key == "Uid" && len(f) == 4: // real, effective, saved, file system
			s.cred.UID = number(f[1])
		case key == "Gid" && len(f) == 4:
			s.cred.GID = number(f[1])
		case key == "TracerPid" && len(f) == 1:
			s.tracer = max(0, number(f[0]))
		}
	}
	if s.cred.UID < 0 || s.cred.GID < 0 {
		return status{}, errMalformed
	}
	return s, nil
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func numbers(fields []string) []int {
	out := make([]int, 0, len(fields))
	for _, f := range fields {
		if n := number(f); n >= 0 {
			out = append(out, n)
		}
	}
	return out
}

const argMax = 256

// parseArgs reads /proc/PID/cmdline: arguments ended by NUL. A process that rewrote it leaves
// trailing NULs, or one text without any. Secrets on a command line are taken out, before it is
// cut: half of a secret may not look like one.
func parseArgs(b []byte) []string {
	var words []string
	for _, arg := range bytes.SplitN(bytes.TrimRight(b, "\x00"), []byte{0}, detect.ArgsMax+1) {
		words = append(words, string(arg))
	}
	out := detect.CleanArgs(words)
	for i, arg := range out {
		if len(arg) > argMax {
			out[i] = strings.ToValidUTF8(arg[:argMax], "") // Clean left nothing else to cut
		}
	}
	if len(out) == 1 && out[0] == "" {
		return nil // a kernel thread or a zombie
	}
	return out
}
