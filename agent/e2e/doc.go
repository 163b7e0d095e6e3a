// Package e2e breaks real machines and watches the agent mend them: a booted Debian with
// systemd, nginx and gunicorn for each test, thrown away after. Each scenario breaks the
// demo shop the way the cause really happens, and asserts what a person would ask: is it
// up again or am I told; was the right cause named; was anything done too much; is the
// record whole; was anything else touched.
//
// The tests need root and the image that `make image` builds. They fail, and do not skip,
// where they cannot run; only -short leaves them out.
package e2e
