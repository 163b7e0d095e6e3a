package main

import (
	"bufio"
	"fmt"
	"os"
)

// flood is a kind of error log.
type flood struct {
	name  string
	every int // one line in so many says something; 0: none
}

var floods = []flood{
	{"a scanner, nothing of ours", 0},
	{"a scanner, one line in a hundred counts", 100},
	{"one line in ten counts", 10},
	{"an outage, every line counts", 1},
}

// dull are lines that public servers write all day.
var dull = []string{
	`[error] 412#412: *%d open() "/var/www/html/wp-login.php" failed (2: No such file or directory), client: 203.0.113.9, server: shop.example.com, request: "GET /wp-login.php HTTP/1.1", host: "shop.example.com"`,
	`[error] 412#412: *%d access forbidden by rule, client: 203.0.113.9, server: shop.example.com, request: "GET /.git/config HTTP/1.1", host: "shop.example.com"`,
	`[error] 412#412: *%d directory index of "/var/www/html/" is forbidden, client: 203.0.113.9, server: shop.example.com, request: "GET / HTTP/1.1", host: "192.0.2.80"`,
	`[crit] 412#412: *%d SSL_do_handshake() failed (SSL: error:0A00006C:SSL routines::bad key share) while SSL handshaking, client: 203.0.113.9, server: 0.0.0.0:443`,
	`[info] 412#412: *%d client closed connection while waiting for request, client: 203.0.113.9, server: 0.0.0.0:80`,
	`[error] 412#412: *%d user "admin" was not found in "/etc/nginx/htpasswd", client: 203.0.113.9, server: shop.example.com, request: "GET /admin HTTP/1.1", host: "shop.example.com"`,
}

var telling = []string{
	`[error] 412#412: *%d connect() failed (111: Connection refused) while connecting to upstream, client: 192.0.2.10, server: shop.example.com, request: "GET /cart HTTP/1.1", upstream: "http://127.0.0.1:8000/cart", host: "shop.example.com"`,
	`[crit] 412#412: *%d connect() to unix:/run/shop/shop.sock failed (2: No such file or directory) while connecting to upstream, client: 192.0.2.10, server: shop.example.com, request: "GET /cart HTTP/1.1", upstream: "http://unix:/run/shop/shop.sock:/cart", host: "shop.example.com"`,
	`[error] 412#412: *%d upstream timed out (110: Connection timed out) while reading response header from upstream, client: 192.0.2.10, server: shop.example.com, request: "GET /report HTTP/1.1", upstream: "http://unix:/run/shop/shop.sock/report", host: "shop.example.com"`,
	`[error] 412#412: *%d upstream prematurely closed connection while reading response header from upstream, client: 192.0.2.10, server: shop.example.com, request: "POST /pay HTTP/1.1", upstream: "http://unix:/run/shop/shop.sock:/pay", host: "shop.example.com"`,
}

// write makes the log, of size bytes or a little more.
func (f flood) write(file string, size int) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 1<<20)
	for i, written := 0, 0; written < size; i++ {
		line := dull[i%len(dull)]
		if f.every > 0 && i%f.every == 0 {
			line = telling[i/f.every%len(telling)]
		}
		n, _ := fmt.Fprintf(w, "2026/11/22 %02d:%02d:%02d "+line+"\n", i/3600%24, i/60%60, i%60, i)
		written += n
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return out.Close()
}
