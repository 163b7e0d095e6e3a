package config

import (
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// Notify is one channel to a person, or a heartbeat: exactly one of the four is set.
type Notify struct {
	Name      string   // unique; what `gatemend notify test` and status call it
	Command   []string // argv of a program that gets JSON on its standard input; the first is an absolute path
	Webhook   *Webhook
	Ntfy      *Ntfy
	Heartbeat *Heartbeat

	at place
}

// Webhook is a URL that messages are posted to.
type Webhook struct {
	Address
	Template string // json, slack or discord
}

// Ntfy is a topic of an ntfy server.
type Ntfy struct {
	Address
	Priority string // of what calls a person
	Tags     []string
}

// Heartbeat is a URL that is asked for as long as the agent moves.
type Heartbeat struct {
	Address
	Every detect.Span
}

// The words that ntfy has, from the quietest to the loudest.
var ntfyPriorities = []string{"min", "low", "default", "high", "urgent"}

var (
	channelName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	ntfyTag     = regexp.MustCompile(`^[a-z0-9_+-]{1,32}$`)
	notNames    = regexp.MustCompile(`[^a-z0-9-]+`)
)

const notifyExample = "[{command: [/usr/local/bin/page-me]}], or webhook, ntfy or heartbeat: {url: https://…}"

// notify reads the channels.
func (r *reader) notify(n *node, to *[]Notify) {
	if n.kind == empty {
		return
	}
	if n.kind != list {
		r.wrong(n, notifyExample, "notify must be a list of channels, but is %s", n.kind)
		return
	}
	for _, item := range n.items {
		before := len(r.problems)
		one := Notify{at: place{item.line, item.column}}
		r.channel(item, &one)
		if len(r.problems) == before {
			r.named(item, &one, *to)
			*to = append(*to, one)
		}
	}
}

func (r *reader) channel(item *node, one *Notify) {
	kinds := 0
	kind := func(read func(*node)) func(*node) { return func(n *node) { kinds++; read(n) } }
	before := len(r.problems)
	r.group(item, "notify",
		field{"name", func(n *node) { r.channelName(n, &one.Name) }},
		field{"command", kind(func(n *node) { one.Command = r.command(n) })},
		field{"webhook", kind(func(n *node) { one.Webhook = r.webhook(n) })},
		field{"ntfy", kind(func(n *node) { one.Ntfy = r.ntfy(n) })},
		field{"heartbeat", kind(func(n *node) { one.Heartbeat = r.heartbeat(n) })},
	)
	switch {
	case len(r.problems) > before:
	case kinds == 0:
		r.wrong(item, "command, webhook, ntfy or heartbeat", "this channel says nowhere to go")
	case kinds > 1:
		r.wrong(item, "one item of the list for each", "this channel leads to %d places", kinds)
	case len(one.Command) == 0 && one.Webhook == nil && one.Ntfy == nil && one.Heartbeat == nil:
		r.wrong(item, "{command: [/usr/local/bin/page-me]}", "this channel has no command")
	}
}

func (r *reader) channelName(n *node, to *string) {
	s, ok := r.text(n, "notify name")
	switch {
	case ok && channelName.MatchString(s):
		*to = s
	case ok:
		r.wrong(n, "small letters, digits and -, at most 32", "notify name cannot be %q", s)
	}
}

// named gives a channel the name of what it is, and a number where there are several: its
// waiting messages are found by it after its address was changed.
func (r *reader) named(item *node, one *Notify, others []Notify) {
	taken := func(name string) bool {
		return slices.ContainsFunc(others, func(o Notify) bool { return o.Name == name })
	}
	if one.Name != "" {
		if taken(one.Name) {
			r.wrong(item, "another name", "two channels have the name %q", one.Name)
		}
		return
	}
	name := one.kind()
	for i := 2; taken(name); i++ {
		name = fmt.Sprintf("%s-%d", one.kind(), i)
	}
	one.Name = name
}

func (n Notify) kind() string {
	switch {
	case n.Webhook != nil && n.Webhook.Template != "json":
		return n.Webhook.Template
	case n.Webhook != nil:
		return "webhook"
	case n.Ntfy != nil:
		return "ntfy"
	case n.Heartbeat != nil:
		return "heartbeat"
	}
	name := strings.Trim(notNames.ReplaceAllString(strings.ToLower(filepath.Base(n.Command[0])), "-"), "-")
	if name = name[:min(len(name), 24)]; channelName.MatchString(name) {
		return name
	}
	return "command"
}

// Address is where a channel leads; the zero value for a command.
func (n Notify) Address() Address {
	switch {
	case n.Webhook != nil:
		return n.Webhook.Address
	case n.Ntfy != nil:
		return n.Ntfy.Address
	case n.Heartbeat != nil:
		return n.Heartbeat.Address
	}
	return Address{}
}

// Plain tells of a URL that is read on its way by whoever stands in between.
func (n Notify) Plain() bool {
	u, err := n.Address().Read()
	if err != nil || u.Reveal().Scheme != "http" {
		return false
	}
	host := u.Reveal().Hostname()
	ip := net.ParseIP(host)
	return host != "localhost" && (ip == nil || !ip.IsLoopback())
}

// command reads an argv. The program is named by an absolute path: the agent's PATH is not
// the person's, and what is found by PATH can be another program.
func (r *reader) command(n *node) []string {
	if n.kind != list {
		r.wrong(n, "[/usr/local/bin/page-me, an argument]", "notify command must be a list of a program and its arguments, but is %s", n.kind)
		return nil
	}
	var argv []string
	for i, item := range r.texts(n, "notify command") {
		if i == 0 && !filepath.IsAbs(item.text) {
			r.wrong(item, "its absolute path, such as /usr/local/bin/"+filepath.Base(item.text), "notify command %q is not an absolute path", item.text)
		}
		argv = append(argv, item.text)
	}
	return argv
}

func (r *reader) webhook(n *node) *Webhook {
	w := &Webhook{Template: "json"}
	r.addressed(n, "webhook", &w.Address, field{"template", func(n *node) { word(r, n, "webhook template", &w.Template, "json", "slack", "discord") }})
	return w
}

func (r *reader) ntfy(n *node) *Ntfy {
	w := &Ntfy{Priority: "high"}
	r.addressed(n, "ntfy", &w.Address,
		field{"priority", func(n *node) { word(r, n, "ntfy priority", &w.Priority, ntfyPriorities...) }},
		field{"tags", func(n *node) {
			for _, item := range r.texts(n, "ntfy tags") {
				if !ntfyTag.MatchString(item.text) {
					r.wrong(item, "a word such as computer", "ntfy tag %q is not one", item.text)
				}
				w.Tags = append(w.Tags, item.text)
			}
		}},
	)
	return w
}

func (r *reader) heartbeat(n *node) *Heartbeat {
	h := &Heartbeat{Every: 5 * minute}
	r.addressed(n, "heartbeat", &h.Address, field{"every", func(n *node) { r.span(n, "heartbeat every", &h.Every, 30*second, day) }})
	return h
}
