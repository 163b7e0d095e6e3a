package nginxlog_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/nginxlog"
)

// flood is an error log of 64 MB/s-and-more days: nine dull lines and one that counts, or all dull.
func flood(lines, every int) []byte {
	var b bytes.Buffer
	for i := range lines {
		if every > 0 && i%every == 0 {
			fmt.Fprintf(&b, "2026/11/22 11:18:22 [error] 12#12: *%d connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: shop.test, request: \"GET /a/%d HTTP/1.1\", upstream: \"http://127.0.0.1:8000/a\", host: \"shop.test\"\n", i, i)
			continue
		}
		fmt.Fprintf(&b, "2026/11/22 11:18:22 [error] 12#12: *%d open() \"/var/www/html/wp-login-%d.php\" failed (2: No such file or directory), client: 10.0.0.1, server: shop.test, request: \"GET /wp-login-%d.php HTTP/1.1\", host: \"shop.test\"\n", i, i, i)
	}
	return b.Bytes()
}

func benchmark(b *testing.B, every int) {
	data := flood(20000, every)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		c := nginxlog.Classifier{Found: func(detect.Event, []byte) {}}
		_, _ = c.Write(data)
	}
}

func BenchmarkClassifierDull(b *testing.B)      { benchmark(b, 0) }
func BenchmarkClassifierOneInTen(b *testing.B)  { benchmark(b, 10) }
func BenchmarkClassifierAllErrors(b *testing.B) { benchmark(b, 1) }

func BenchmarkParseError(b *testing.B) {
	data := flood(1, 1)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		nginxlog.ParseError(data)
	}
}
