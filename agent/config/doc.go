// Package config reads /etc/gatemend/gatemend.yaml, and writes the one that `init` proposes.
//
// A file becomes a tree of nodes, each with its line and column (yaml.go, the only file
// that knows the YAML library). The tree is what the person wrote, the fragment. A reader walks
// it, section by section, on top of the defaults, and gives a [Config]: validated, and
// complete. What is wrong is collected on the way, never returned at the first: a person who
// has made three mistakes sees three problems, each with its place and what to write instead.
//
// [Check] is the second half: whether the units and sockets that the file names exist on
// this machine. It needs a running system, so it is not part of reading.
package config
