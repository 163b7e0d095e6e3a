// Package nginxlog reads single lines of nginx's error and access logs. It is pure: bytes
// in, a [detect.Line] or an [Access] out; following files is detect/tail's.
//
// nginx escapes nothing in its error log (ngx_http_log_error, src/http/ngx_http_request.c):
// everything behind ", client: " can be forged by a client, up to a second "upstream:". So
// the event and the errno come only from the message in front of it, and what stands
// behind is kept as what it is: a claim, for a person to read.
//
// A flood of errors is the normal load of this package. An uninteresting line costs no
// allocation: a message is told by its first bytes, at a known place in the line, which
// also means that text in a request line never makes a line interesting.
package nginxlog
