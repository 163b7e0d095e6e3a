package notify

import (
	"cmp"
	"context"
	"mime"
	"net/http"
	"strings"
)

// Ntfy is a topic of an ntfy server (https://docs.ntfy.sh/publish/): the URL with the topic.
// A user and password, or an access token as the password of no user, may stand in the URL.
type Ntfy struct {
	Address  Address
	Shown    string   // scheme and host, or the file that holds the URL
	Priority string   // of what calls a person; "" is high
	Tags     []string // besides our own
}

// Priorities are those that ntfy knows, from the quietest to the loudest.
var Priorities = []string{"min", "low", "default", "high", "urgent"}

type ntfy struct {
	Ntfy
	post poster
}

func (n ntfy) to() string { return n.Shown }

// carry posts the text with its first line as the title. What calls nobody has the default
// priority: a phone on "do not disturb" stays silent for it.
func (n ntfy) carry(ctx context.Context, p parcel) (string, error) {
	title, text, _ := strings.Cut(p.text(), "\n")
	priority := "default"
	if p.calls() {
		priority = cmp.Or(n.Priority, "high")
	}
	head := http.Header{
		"Title": {mime.QEncoding.Encode("utf-8", title)}, "Priority": {priority},
		"Tags": {header(strings.Join(append(p.tags(), n.Tags...), ","))}, "X-Gatemend-Id": {header(p.id())},
		"Content-Type": {"text/plain; charset=utf-8"},
	}
	return n.post.send(ctx, http.MethodPost, n.Address, head, []byte(cmp.Or(text, title)))
}

// tags are shown as symbols in front of the title.
func (p parcel) tags() []string {
	switch last := p.tells[len(p.tells)-1]; {
	case p.calls():
		return []string{"rotating_light"}
	case last.State == Healed:
		return []string{"white_check_mark"}
	case last.State == Testing:
		return []string{"wave"}
	}
	return []string{"warning"}
}
