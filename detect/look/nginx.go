package look

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/command"
	"github.com/gatemend/gatemend/detect/nginxconf"
)

// NginxTest implements [Looker].
func (l *Local) NginxTest(ctx context.Context) (detect.ConfTest, error) {
	out, err := command.Run(ctx, command.NginxTest, l.nginxArgs(ctx)...)
	if err != nil {
		return detect.ConfTest{}, err
	}
	return tested(out), nil
}

func tested(out command.Output) detect.ConfTest {
	test := ParseTest(string(out.Stderr))
	test.OK = out.Code == 0
	test.At = detect.At(time.Now())
	return test
}

// NginxConf implements [Looker]. The verbs of one look ask for it side by side: one dump serves them all.
func (l *Local) NginxConf(ctx context.Context) (*nginxconf.Conf, error) {
	return l.conf.read(ctx, fresh, l.readConf)
}

func (l *Local) readConf(ctx context.Context) (*nginxconf.Conf, error) {
	key := nginxconf.Key(l.opts.Key)
	text, err := l.dump(ctx)
	if err == nil {
		return key.Parse(text)
	}
	conf, fileErr := key.ParseTree("/", nginxconf.Debian.Conf)
	if fileErr != nil {
		return nil, err
	}
	if r := (refusal{}); errors.As(err, &r) {
		conf.Refused = &r.ConfTest
	}
	return conf, err
}

// refusal is nginx's no to what is on disk.
type refusal struct{ detect.ConfTest }

func (r refusal) Error() string { return "cannot read nginx's configuration: " + r.Message }

// dump is `nginx -T`, with every secret that is in the configuration.
func (l *Local) dump(ctx context.Context) ([]byte, error) {
	out, err := command.Run(ctx, command.NginxDump, l.nginxArgs(ctx)...)
	switch {
	case err != nil:
		return nil, err
	case out.Code != 0:
		return nil, refusal{tested(out)}
	case out.Truncated:
		return nil, fmt.Errorf("cannot read nginx's configuration: it is longer than %d bytes", len(out.Stdout))
	}
	return bytes.Clone(out.Stdout), nil
}

// nginxArgs are the -c and -p that nginx's unit starts it with: without them `nginx -t` would
// test another configuration than the one in use.
func (l *Local) nginxArgs(ctx context.Context) []string {
	u, err := l.units.Unit(ctx, l.opts.Nginx)
	if err != nil || u == nil {
		return nil
	}
	var out []string
	for i := 0; i+1 < len(u.Argv); i++ {
		if a := u.Argv[i]; (a == "-c" || a == "-p") && filepath.IsAbs(u.Argv[i+1]) {
			out = append(out, a, u.Argv[i+1])
		}
	}
	return out
}

var (
	// "nginx: [emerg] TEXT", and the form of the error log, "2026/11/22 10:00:00 [emerg] 12#12: TEXT":
	// which of them is printed depends on whether the log is open yet.
	testLine = regexp.MustCompile(`^(?:nginx: |\d{4}/\d\d/\d\d \d\d:\d\d:\d\d )\[(emerg|alert|crit|error)\] (?:\d+#\d+: )?(.*)$`)
	testAt   = regexp.MustCompile(` in (/.+):(\d+)$`)
	failedAt = regexp.MustCompile(`^nginx: configuration file (.+) test failed$`)
)

// ParseTest reads what `nginx -t` writes to stderr: the first error with its file and line, if
// it names them. OK and At are left to the caller, who has the exit status.
func ParseTest(stderr string) (t detect.ConfTest) {
	for line := range strings.Lines(stderr) {
		line = strings.TrimRight(line, "\r\n")
		if m := testLine.FindStringSubmatch(line); m != nil && t.Message == "" {
			t.Message = detect.Clean(m[2])
			if at := testAt.FindStringSubmatch(m[2]); at != nil {
				t.File = detect.Clean(at[1])
				t.Line, _ = strconv.Atoi(at[2])
			}
		}
		if m := failedAt.FindStringSubmatch(line); m != nil && t.File == "" {
			t.File = detect.Clean(m[1])
		}
	}
	return t
}
