package config

// kind of a node.
type kind int

const (
	empty kind = iota // `key:` with nothing behind it
	scalar
	list
	mapping
)

func (k kind) String() string {
	return [...]string{"nothing", "a single value", "a list", "a group of keys"}[k]
}

// node is one value as it was written, and where.
type node struct {
	kind         kind
	text         string  // scalar
	items        []*node // list: the items; mapping: key, value, key, value …
	line, column int     // from 1
}

// pairs walks a mapping.
func (n *node) pairs(visit func(key, value *node)) {
	for i := 0; i+1 < len(n.items); i += 2 {
		visit(n.items[i], n.items[i+1])
	}
}

// syntax is a place at which the file is not YAML.
type syntax struct {
	line, column int
	message      string
}
