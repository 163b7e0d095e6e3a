// Command gatemend heals 502 Bad Gateway on one host: Flask (or any WSGI app) under
// gunicorn, behind nginx, run by systemd. See the README for what it does and what it never does.
package main

import (
	"os"

	"github.com/gatemend/gatemend/agent/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
