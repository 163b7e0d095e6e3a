package nginxconf

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// source gives the text of configuration files: a dump, or the disk.
type source interface {
	read(path string) ([]byte, error)
	glob(pattern string) []string // sorted
}

// dump holds the sections of `nginx -T`.
type dump struct {
	order []string // the main file is first
	text  map[string][]byte
}

// header starts a section (ngx_show_version and the dump loop in src/core/nginx.c); the file
// follows, and a line feed of nginx's own.
var header = []byte("# configuration file /")

func split(data []byte) (*dump, error) {
	d := &dump{text: map[string][]byte{}}
	name, start := "", 0
	end := func(at int) {
		if _, twice := d.text[name]; name != "" && !twice {
			d.order = append(d.order, name)
			d.text[name] = data[start:at]
		}
	}
	for at := 0; at < len(data); {
		line, next := data[at:], len(data)
		if i := bytes.IndexByte(line, '\n'); i >= 0 {
			line, next = line[:i], at+i+1
		}
		if file, ok := sectionName(line); ok {
			end(at)
			name, start = file, next
		}
		at = next
	}
	end(len(data))
	if len(d.order) == 0 {
		return nil, errors.New("cannot read the nginx configuration: this is no output of nginx -T (no line \"# configuration file …:\")")
	}
	return d, nil
}

func sectionName(line []byte) (string, bool) {
	line = bytes.TrimSuffix(line, []byte("\r"))
	if !bytes.HasPrefix(line, header) || !bytes.HasSuffix(line, []byte(":")) {
		return "", false
	}
	return string(line[len(header)-1 : len(line)-1]), true
}

func (d *dump) read(file string) ([]byte, error) {
	if text, ok := d.text[file]; ok {
		return text, nil
	}
	return nil, fmt.Errorf("%s is not in the dump", file)
}

func (d *dump) glob(pattern string) []string {
	var out []string
	for _, file := range d.order {
		if globbed(pattern, file) {
			out = append(out, file)
		}
	}
	slices.Sort(out)
	return out
}

// globbed matches as glob(3) does for nginx, without GLOB_PERIOD: a leading dot is only
// matched by a dot, so that an editor's .site.swp is not read.
func globbed(pattern, file string) bool {
	if strings.HasPrefix(path.Base(file), ".") && !strings.HasPrefix(path.Base(pattern), ".") {
		return false
	}
	ok, err := path.Match(pattern, file)
	return ok && err == nil
}
