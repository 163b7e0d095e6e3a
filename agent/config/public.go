package config

import "net/url"

// public reads auto, off, or the URL of an outside view.
func (r *reader) public(n *node, to *string) {
	s, ok := r.text(n, "probe public")
	if !ok {
		return
	}
	if s == "auto" || s == "off" {
		*to = s
		return
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		r.wrong(n, "auto, off, or a URL such as https://shop.example.com/", "probe public cannot be %q", s)
		return
	}
	if u.User != nil {
		r.wrong(n, "it without the name and password", "the URL of probe public holds a password, and URLs are shown in messages")
		return
	}
	*to = s
}
