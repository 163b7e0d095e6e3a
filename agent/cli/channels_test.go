package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/gatemend/gatemend/agent"
	"github.com/gatemend/gatemend/agent/notify"
	"github.com/gatemend/gatemend/detect"
)

// TestChannels: how they stand, as status shows it.
func TestChannels(t *testing.T) {
	old := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = old })
	at := detect.Time(1_700_000_000_000_000)
	var out bytes.Buffer
	sheet{w: &out}.channels([]notify.Standing{
		{Name: "page-me", Kind: "command", To: "/usr/local/bin/page-me", Delivered: 3, LastOK: at},
		{Name: "slack", Kind: "webhook", To: "https://hooks.slack.com", Delivered: 2, Refused: 1, LastOK: at, ErrorAt: at + 1,
			Error: "https://hooks.slack.com answered 404 Not Found: it said no_service\x1b[2J"},
		{Name: "ntfy", Kind: "ntfy", To: "/etc/gatemend/ntfy.url", Pending: 2, Dropped: 1, ErrorAt: at, Error: "cannot ask https://ntfy.sh: no answer in time", Again: at + 60_000_000},
		{Name: "heartbeat", Kind: "heartbeat", To: "https://hc-ping.com", Delivered: 288, LastOK: at},
	})
	golden(t, "channels.txt", out.String())
}

// TestTheLoopAndTheChannelsHaveTheSameWords: package notify treats some states in a way of
// their own and cannot import the loop's.
func TestTheLoopAndTheChannelsHaveTheSameWords(t *testing.T) {
	for told, known := range map[string]string{
		agent.ToldHealed: notify.Healed, agent.ToldDegraded: notify.Degraded, agent.ToldStill: notify.Still,
		agent.ToldWould: notify.DryRun, agent.ToldSensor: notify.Blind, agent.ToldConfig: notify.Refused,
	} {
		if told != known {
			t.Errorf("the loop says %q, the channels know %q", told, known)
		}
	}
}
