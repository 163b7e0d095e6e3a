package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Webhook is a URL that messages are posted to.
type Webhook struct {
	Address  Address
	Shown    string // scheme and host, or the file that holds the URL
	Template string // one of Templates
}

// Templates are the bodies that a webhook may have.
var Templates = []string{"json", "slack", "discord"}

// templates are the bodies by name. A person reads those that are together.
var templates = map[string]struct {
	body     func(parcel) ([]byte, error)
	together bool
}{
	"json": {parcel.json, false}, "slack": {parcel.slack, true}, "discord": {parcel.discord, true},
}

type webhook struct {
	Webhook
	body func(parcel) ([]byte, error)
	post poster
}

func (w webhook) to() string { return w.Shown }

func (w webhook) carry(ctx context.Context, p parcel) (string, error) {
	body, err := w.body(p)
	if err != nil {
		return "", err
	}
	header := http.Header{"Content-Type": {"application/json"}, "X-Gatemend-Id": {header(p.id())}}
	return w.post.send(ctx, http.MethodPost, w.Address, header, body)
}

// payload is what a program reads, and what a webhook with the template json gets.
type payload struct {
	Schema     int    `json:"schema"`
	Text       string `json:"text"`                 // ready to be shown, at most eight lines
	Title      string `json:"title"`                // the first of them
	Calls      bool   `json:"calls"`                // somebody should get up for it
	Superseded int    `json:"superseded,omitempty"` // earlier messages of this incident that it stands for
	Dropped    int    `json:"dropped,omitempty"`    // messages that were given up before it
	Message
}

// json holds one message: programs are never given several at once.
func (p parcel) json() ([]byte, error) {
	m := p.tells[0].clean()
	return encode(payload{1, p.text(), p.title(), p.calls(), len(p.instead), p.dropped, m})
}

func encode(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, &failure{why: fmt.Sprintf("cannot write the message: %v", err), forGood: true}
	}
	return raw, nil
}

// slack escapes what Slack reads as its own (<!channel>, <url|text>): an app's line must not
// call a whole channel.
func (p parcel) slack() ([]byte, error) {
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(p.text())
	return encode(map[string]any{"text": text, "mrkdwn": false, "unfurl_links": false, "unfurl_media": false})
}

// Discord takes 2000 characters.
const discordMost = 1900

// discord puts the text into a block of code, in which nothing is formatted, and lets nothing
// in it mention anybody.
func (p parcel) discord() ([]byte, error) {
	text := strings.ReplaceAll(p.text(), "```", "'''")
	if r := []rune(text); len(r) > discordMost {
		text = string(r[:discordMost]) + "…"
	}
	return encode(map[string]any{
		"content":          "```\n" + text + "\n```",
		"allowed_mentions": map[string]any{"parse": []string{}},
	})
}

// header makes a text fit for a header: one line of ASCII.
func header(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f {
			return '?'
		}
		return r
	}, detect.Clean(s))
}
