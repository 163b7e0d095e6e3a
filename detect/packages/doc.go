// Package packages tells which versions are installed of what serves a site: the Python
// distributions that its unit imports, and the Debian packages of nginx, gunicorn, Python and the
// libraries below them. Compared with those of the last verified health they answer the question
// that comes first after an outage at night: was something upgraded?
//
// It reads names of directories and one file, runs no program and imports nothing.
package packages
