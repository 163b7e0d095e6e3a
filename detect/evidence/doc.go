// Package evidence reads what a person has in hand: an evidence document, or log text as it
// was pasted, into the same [detect.Facts] that live collection gives, marked Offline.
//
// A document is a JSON object with any of nginx_error, nginx_access, gunicorn_journal,
// systemctl_status, kernel, nginx_conf, unit_file (arrays of lines), unit_properties (systemd
// property → value, as `systemctl show` prints them) and facts (observed values, [Names] lists
// those that rules know; others are notes, which count where no line speaks). Other text is taken line by line, and
// what wrote a line is told from the line itself.
//
// Nothing is asked of the machine that reads it: the evidence may be another machine's.
package evidence
