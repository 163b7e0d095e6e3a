package sock

import (
	"errors"
	"syscall"
	"testing"
)

func TestDumpReportsTheKernelsError(t *testing.T) {
	if err := dump([]byte{250, 0, 0, 0, 0, 0, 0, 0}, func([]byte) {}); !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOENT) {
		t.Errorf("an unknown family gave %v", err)
	}
}

func FuzzNetlink(f *testing.F) {
	f.Add(make([]byte, 16), []byte{1, 1, 10, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 'x', 'y', 0, 0})
	f.Add(message([]byte{1, 2, 3, 4}), make([]byte, 72))
	f.Fuzz(func(t *testing.T, datagram, payload []byte) {
		_, _ = each(datagram, func([]byte) {})
		parseUnix(payload)
		parseTCP(payload)
		attributes(payload, func(uint16, []byte) {})
	})
}
