// Package command runs the few programs that reading a machine needs, and no others.
//
// A [Program] names what may be run together with the arguments that make it harmless: `nginx -t`
// is a program here, nginx is not. Further arguments pass a check of the program's own, so that a
// unit's name or a configuration's path can be given and a second verb (`-s reload`,
// `--vacuum-size=`) cannot. There is no shell, no inherited environment and no standard input;
// LC_ALL=C because texts are parsed. Every run has a deadline, ends with its whole process group,
// and gives bounded output.
//
// Only two of them are not quite read-only: `nginx -t` and `nginx -T` create a missing pid file, log
// files and temporary directories (ngx_init_cycle in nginx's src/core/ngx_cycle.c opens them before it
// looks at the test flag). When to run them is for callers to decide.
package command
