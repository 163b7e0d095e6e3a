package nginxconf

import (
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"path"
	"slices"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

const (
	dumpMax       = 32 << 20
	directivesMax = 500_000 // a file that includes another many times can be short and mean much
	depthMax      = 64
	problemsMax   = 20
)

// Parse reads the output of `nginx -T`. An error means that it is no such output; what
// could not be read in one of the files is in [Conf.Problems].
func Parse(data []byte) (*Conf, error) { return Key(nil).Parse(data) }

// ParseTree reads the files themselves, from main on, below root ("/" on a host). It is for when nginx
// cannot be asked.
func ParseTree(root, main string) (*Conf, error) { return Key(nil).ParseTree(root, main) }

// Parse is the function of that name, under the key.
func (k Key) Parse(data []byte) (*Conf, error) {
	if len(data) > dumpMax {
		return nil, errors.New("cannot read the nginx configuration: it is longer than 32 MiB")
	}
	d, err := split(data)
	if err != nil {
		return nil, err
	}
	return k.build(d, d.order[0])
}

// ParseTree is the function of that name, under the key.
func (k Key) ParseTree(root, main string) (*Conf, error) {
	t := tree{root}
	if _, err := t.read(main); err != nil {
		return nil, fmt.Errorf("cannot read the nginx configuration: %w", err)
	}
	return k.build(t, main)
}

func (k Key) build(s source, main string) (*Conf, error) {
	p := &parser{key: k, source: s, conf: &Conf{build: Debian, main: main}, hash: k.hash(), words: map[string][]token{}}
	top := &directive{file: main}
	top.block = p.file(main, 0)
	k.seal(top)
	p.conf.top = top
	p.conf.hash = hex.EncodeToString(p.hash.Sum(nil)[:16])
	p.conf.collect()
	return p.conf, nil
}

// parser builds the tree of one configuration.
type parser struct {
	source source
	conf   *Conf
	key    Key
	hash   hash.Hash
	words  map[string][]token
	open   []string // files being read, to see an include that includes itself
	count  int
}

func (p *parser) problem(format string, args ...any) {
	if len(p.conf.problems) < problemsMax {
		p.conf.problems = append(p.conf.problems, detect.Clean(fmt.Sprintf(format, args...)))
	}
}

// file reads one file into directives.
func (p *parser) file(name string, depth int) []*directive {
	if slices.Contains(p.open, name) {
		p.problem("%s: it includes itself", name)
		return nil
	}
	data, err := p.source.read(name)
	if err != nil {
		p.problem("%s: %v", name, err)
		return nil
	}
	if !slices.Contains(p.conf.files, name) {
		p.conf.files = append(p.conf.files, name)
		fmt.Fprintf(p.hash, "%s\n%d\n", name, len(data))
		p.hash.Write(data)
	}
	words := p.tokensOf(name, data)
	p.open = append(p.open, name)
	defer func() { p.open = p.open[:len(p.open)-1] }()
	return p.block(name, &words, depth)
}

// tokensOf cuts each file once: proxy_params is included by every location there is.
func (p *parser) tokensOf(name string, data []byte) []token {
	words, ok := p.words[name]
	if !ok {
		var err error
		if words, err = tokens(data); err != nil {
			p.problem("%s: %v", name, err)
		}
		p.words[name] = words
	}
	return words
}

// block reads statements up to the closing brace, which it takes, or to the end.
func (p *parser) block(file string, rest *[]token, depth int) []*directive {
	var out []*directive
	for len(*rest) > 0 && !(*rest)[0].is("}") {
		before := len(*rest)
		out = append(out, p.statement(file, rest, depth)...)
		if len(*rest) == before { // nothing was taken: a stray special character
			*rest = (*rest)[1:]
		}
	}
	if len(*rest) > 0 {
		*rest = (*rest)[1:]
	}
	return out
}

// statement reads one directive; an include gives what it includes.
func (p *parser) statement(file string, rest *[]token, depth int) []*directive {
	d := &directive{name: (*rest)[0].text, file: file, line: (*rest)[0].line}
	*rest = (*rest)[1:]
	for len(*rest) > 0 && !(*rest)[0].is(";") && !(*rest)[0].is("{") && !(*rest)[0].is("}") {
		d.args = append(d.args, (*rest)[0].text)
		*rest = (*rest)[1:]
	}
	if p.count++; p.count > directivesMax || depth > depthMax {
		p.problem("%s: too many or too deeply nested directives; the rest is not read", d.where())
		*rest = nil
		return nil
	}
	switch {
	case len(*rest) == 0 || (*rest)[0].is("}"):
		p.problem("%s: %q is not ended by \";\"", d.where(), d.name)
	case (*rest)[0].is("{"):
		*rest = (*rest)[1:]
		d.block = append([]*directive{}, p.block(file, rest, depth+1)...) // never nil: an empty block is one
	default:
		*rest = (*rest)[1:]
	}
	if d.name == "include" && len(d.args) == 1 {
		return p.include(d, depth)
	}
	p.key.seal(d)
	return []*directive{d}
}

// include reads what a pattern names, relative to the directory of the main file, as nginx does.
func (p *parser) include(d *directive, depth int) []*directive {
	pattern := d.args[0]
	if !path.IsAbs(pattern) {
		pattern = path.Join(path.Dir(p.conf.main), pattern)
	}
	files := []string{pattern}
	if strings.ContainsAny(pattern, "*?[") {
		files = p.source.glob(pattern)
		p.conf.globs = append(p.conf.globs, path.Dir(pattern))
	}
	var out []*directive
	for _, f := range files {
		out = append(out, p.file(f, depth+1)...)
	}
	return out
}
