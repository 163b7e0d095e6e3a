package notify

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// JournalSocket is where journald takes native entries (systemd.journal-fields(7)).
const JournalSocket = "/run/systemd/journal/socket"

// journal is the channel that is always there. Where journald cannot take an entry it goes
// to stderr, which under systemd is the journal by another way.
type journal struct {
	socket string
	stderr io.Writer
}

// priority err, syslog's 3: whoever watches a host for errors sees it.
const priority = "3"

// send writes one entry. A full socket of journald must not hold us up, hence the deadline.
func (j journal) send(m Message) error {
	err := j.native(m)
	if err == nil {
		return nil
	}
	text := strings.ReplaceAll(m.Text(), "\n", " · ")
	if _, werr := fmt.Fprintf(j.stderr, "<%s>%s\n", priority, text); werr != nil {
		return fmt.Errorf("cannot tell the journal: %w", errors.Join(err, werr))
	}
	return nil
}

func (j journal) native(m Message) error {
	conn, err := net.DialTimeout("unixgram", j.socket, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
		return err
	}
	_, err = conn.Write(entry(m))
	return err
}

// entry is the native protocol: NAME=value lines, and for values with a newline the name
// alone, the length as 64 bits little endian, the value.
func entry(m Message) []byte {
	var b bytes.Buffer
	for _, f := range [][2]string{
		{"MESSAGE", m.Text()}, {"PRIORITY", priority}, {"SYSLOG_IDENTIFIER", "gatemend"},
		{"GATEMEND_SITE", m.Site}, {"GATEMEND_ROUTE", m.Route}, {"GATEMEND_INCIDENT", m.Incident},
		{"GATEMEND_STATE", m.State}, {"GATEMEND_CAUSE", string(m.Cause)}, {"GATEMEND_MODE", m.Mode},
		{"GATEMEND_OUTAGE_USEC", fmt.Sprint(int64(m.Outage))},
	} {
		field(&b, f[0], f[1])
	}
	return b.Bytes()
}

func field(b *bytes.Buffer, name, value string) {
	if value == "" {
		return
	}
	b.WriteString(name)
	if !strings.Contains(value, "\n") {
		b.WriteString("=" + value + "\n")
		return
	}
	b.WriteByte('\n')
	b.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(value))))
	b.WriteString(value + "\n")
}

func systemJournal() journal { return journal{JournalSocket, os.Stderr} }
