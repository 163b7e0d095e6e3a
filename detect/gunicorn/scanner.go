package gunicorn

import "strings"

// longest is how many lines a list may go on for.
const longest = 100

// scanner walks over one Python value.
type scanner struct {
	rest  string
	lines []string // that follow
	taken int
}

func (p *scanner) peek() byte {
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

// space skips blanks and a comment.
func (p *scanner) space() {
	p.rest = strings.TrimLeft(p.rest, " \t")
	if p.peek() == '#' {
		p.rest = ""
	}
}

// more skips blanks, comments and ends of lines, inside brackets.
func (p *scanner) more() {
	for p.space(); p.rest == "" && p.taken < min(len(p.lines), longest); p.space() {
		p.rest = p.lines[p.taken]
		p.taken++
	}
}

// ends tells that nothing but a comment follows.
func (p *scanner) ends() bool {
	p.space()
	return p.rest == ""
}

// quoted reads a string without escapes that change its meaning here.
func (p *scanner) quoted() (string, bool) {
	quote := p.peek()
	end := strings.IndexByte(p.rest[1:], quote)
	if end < 0 {
		return "", false
	}
	value := p.rest[1 : 1+end]
	p.rest = p.rest[end+2:]
	return value, !strings.Contains(value, `\`)
}

// list reads strings up to the closing bracket. One string in parentheses is that string.
func (p *scanner) list(closing byte) (values []string, ok bool) {
	p.rest = p.rest[1:]
	for {
		p.more()
		switch p.peek() {
		case closing:
			p.rest = p.rest[1:]
			return values, p.ends()
		case '"', '\'':
			v, ok := p.quoted()
			if !ok {
				return nil, false
			}
			values = append(values, v)
		default:
			return nil, false
		}
		p.more()
		if p.peek() == ',' {
			p.rest = p.rest[1:]
		} else if p.peek() != closing {
			return nil, false
		}
	}
}
