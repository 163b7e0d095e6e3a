// Package nginxconf reads nginx's effective configuration: which server block answers for
// a name, which location serves a path, where that proxies to, and what nginx may answer by itself.
//
// The first source is the output of `nginx -T`, because that is what nginx itself would load
// (includes resolved, and nothing that it would not read). While nginx is down or its
// configuration is broken, the files are read instead ([ParseTree]). Neither shows what the
// running workers hold in memory: for that, a dump is kept from when they were started, and [Diff] compares.
//
// Text is cut into tokens by crossplane's lexer, which knows nginx's quoting and Lua
// blocks. The tree is our own: crossplane's parser leaves a goroutine behind for every broken
// file, and keeps every argument. Here only the arguments of the directives listed in keep.go
// are kept. The rest, which is where keys, passwords and header values are, counts in a digest only.
package nginxconf
