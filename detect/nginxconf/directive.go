package nginxconf

import "strconv"

// directive is one statement with its block. Includes are already replaced by what they include.
type directive struct {
	name   string
	args   []string // only for the directives of keep.go, and there only what is no secret
	block  []*directive
	file   string
	line   int
	digest [16]byte // of everything, kept or not, without places and comments
}

// where is file:line.
func (d *directive) where() string { return d.file + ":" + strconv.Itoa(d.line) }

// arg is the i-th argument, "" when there is none.
func (d *directive) arg(i int) string {
	if i < len(d.args) {
		return d.args[i]
	}
	return ""
}

// all lists the directives of a block that have one of the names.
func (d *directive) all(names ...string) []*directive {
	var out []*directive
	for _, c := range d.block {
		for _, n := range names {
			if c.name == n {
				out = append(out, c)
			}
		}
	}
	return out
}

// first is the first of them, nil when there is none.
func (d *directive) first(names ...string) *directive {
	if all := d.all(names...); len(all) > 0 {
		return all[0]
	}
	return nil
}

// seal computes the digest over the arguments as written, then drops what is not kept.
func (k Key) seal(d *directive) {
	h := k.hash()
	for _, s := range append([]string{d.name}, d.args...) {
		h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
	}
	for _, c := range d.block {
		h.Write(c.digest[:])
	}
	copy(d.digest[:], h.Sum(nil))
	d.args = kept(d.name, d.args)
	if !opened[d.name] {
		d.block = nil
	}
}
