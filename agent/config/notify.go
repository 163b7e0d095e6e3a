package config

import "path/filepath"

// notify reads the channels. There is one kind: a program.
func (r *reader) notify(n *node, to *[]Notify) {
	if n.kind == empty {
		return
	}
	if n.kind != list {
		r.wrong(n, "[{command: [/usr/local/bin/page-me]}]", "notify must be a list of channels, but is %s", n.kind)
		return
	}
	for _, item := range n.items {
		before := len(r.problems)
		var one Notify
		r.group(item, "notify", field{"command", func(n *node) { one.Command = r.command(n) }})
		if len(one.Command) > 0 {
			*to = append(*to, one)
		} else if len(r.problems) == before {
			r.wrong(item, "{command: [/usr/local/bin/page-me]}", "this channel has no command")
		}
	}
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
