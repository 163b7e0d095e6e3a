package notify

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gatemend/gatemend/agent/journald"
)

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
	return journald.Send(j.socket, []journald.Field{
		{Name: "MESSAGE", Value: m.Text()}, {Name: "PRIORITY", Value: priority}, {Name: "SYSLOG_IDENTIFIER", Value: "gatemend"},
		{Name: "GATEMEND_SITE", Value: m.Site}, {Name: "GATEMEND_ROUTE", Value: m.Route}, {Name: "GATEMEND_INCIDENT", Value: m.Incident},
		{Name: "GATEMEND_STATE", Value: m.State}, {Name: "GATEMEND_CAUSE", Value: string(m.Cause)}, {Name: "GATEMEND_MODE", Value: m.Mode},
		{Name: "GATEMEND_OUTAGE_USEC", Value: fmt.Sprint(int64(m.Outage))},
	})
}

func systemJournal() journal { return journal{journald.Socket, os.Stderr} }
