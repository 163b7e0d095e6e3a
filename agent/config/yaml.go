package config

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"
)

// depthMax bounds nesting: the deepest key of the file is five levels down.
const depthMax = 16

// parse turns YAML into nodes. The one error that it gives has the place that the library
// found; the library stops at the first, so a file with broken syntax shows one problem.
func parse(data []byte) (*node, *syntax) {
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		return nil, syntaxOf(err)
	}
	top := &doc
	if top.Kind == yaml.DocumentNode && len(top.Content) == 1 {
		top = top.Content[0]
	}
	return convert(top, 0)
}

func syntaxOf(err error) *syntax {
	var one *yaml.LoadError
	if errors.As(err, &one) {
		return &syntax{line: one.Mark.Line, column: one.Mark.Column, message: one.Message}
	}
	return &syntax{message: strings.TrimPrefix(err.Error(), "yaml: ")}
}

// convert copies a YAML node. Anchors and aliases are refused: nothing in this file repeats
// enough to need them, and a short file of aliases can stand for gigabytes.
func convert(y *yaml.Node, depth int) (*node, *syntax) {
	here := &syntax{line: y.Line, column: y.Column}
	switch {
	case depth > depthMax:
		here.message = "this is nested too deeply"
		return nil, here
	case y.Kind == yaml.AliasNode || y.Anchor != "":
		here.message = "anchors (&) and aliases (*) are not read here; write the value out"
		return nil, here
	}
	n := &node{line: y.Line, column: y.Column, text: y.Value}
	switch y.Kind {
	case yaml.MappingNode:
		n.kind = mapping
	case yaml.SequenceNode:
		n.kind = list
	case yaml.ScalarNode:
		n.kind = scalar
		if y.ShortTag() == "!!null" {
			n.kind = empty
		}
	}
	return n, fill(n, y, depth)
}

func fill(n *node, y *yaml.Node, depth int) *syntax {
	for _, c := range y.Content {
		child, bad := convert(c, depth+1)
		if bad != nil {
			return bad
		}
		n.items = append(n.items, child)
	}
	return nil
}
