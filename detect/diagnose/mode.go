package diagnose

import (
	"strconv"
	"strings"
)

// othersWrite tells whether everybody may write, in a mode as people give it: srwxr-xr-x, 0755, 755.
func othersWrite(mode string) bool { return otherBit(mode, 'w', 2) }

// othersEnter tells whether everybody may pass a directory.
func othersEnter(mode string) bool { return otherBit(mode, 'x', 1) }

func otherBit(mode string, letter byte, bit int64) bool {
	mode = strings.TrimSpace(mode)
	if len(mode) >= 10 && strings.ContainsAny(mode[:1], "sd-l") {
		return strings.IndexByte(mode[7:10], letter) >= 0 || letter == 'x' && mode[9] == 't'
	}
	n, err := strconv.ParseInt(strings.Fields(mode + " 0")[0], 8, 32)
	return err == nil && n&bit != 0
}

// home tells a path below somebody's home directory.
func home(path string) bool {
	return strings.HasPrefix(path, "/home/") || strings.HasPrefix(path, "/root/")
}
