// Package probe asks an endpoint one question and says what became of it.
//
// A question is one GET (or HEAD) on a connection of its own: no cookies, no kept-alive
// connection, no compression, no proxy, no second attempt (a retry hides the very thing that
// is being looked for). The exchange is made by hand on the connection, with net/http only to
// read the response: http.Transport retries some requests silently, and hides at which stage
// and with which errno a connection failed.
//
// There are three depths. [Prober.Upstream] asks gunicorn as nginx would, [Prober.Public]
// asks the local nginx as a client would (the address it listens on, never DNS), and
// [Prober.External] asks a URL from outside, which is a view and never a reason to act.
package probe
