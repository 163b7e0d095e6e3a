// Package gunicorn reads what a service was told: which WSGI server its command starts, with which
// application, and where it will listen. It runs nothing and imports nothing; everything is text.
//
// The command line of the running process cannot answer this: with python3-setproctitle it is
// "gunicorn: master [app:app]". What systemd was told can, and is read here as far as text goes:
// wrappers (`sh -c`, `poetry run`, a start script), GUNICORN_CMD_ARGS, and gunicorn.conf.py where it
// assigns plain values. gunicorn's order of precedence (load_config in gunicorn/app/base.py) is
//
//	default (PORT) < configuration file < GUNICORN_CMD_ARGS < command line < sockets from systemd
//
// and the file is the one of -c, or of -c inside GUNICORN_CMD_ARGS, or ./gunicorn.conf.py, which is
// read silently.
//
// What an expression computes is not guessed: such a setting is unknown, and [Told] says where it is.
package gunicorn
