package nginxconf

import (
	"bytes"
	"errors"
	"fmt"

	crossplane "github.com/nginxinc/nginx-go-crossplane"

	"github.com/gatemend/gatemend/detect"
)

// token is one word of a configuration file, or one of { } ;
type token struct {
	text   string
	line   int
	quoted bool
}

// is tells an unquoted special character: a quoted ";" is an argument.
func (t token) is(s string) bool { return !t.quoted && t.text == s }

// tokens cuts a file into words, without comments. The error says at which line the rest could not be
// read; what comes before it is returned.
func tokens(data []byte) ([]token, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	lua := &crossplane.Lua{}
	ch := crossplane.LexWithOptions(bytes.NewReader(data), crossplane.LexOptions{Lexers: []crossplane.RegisterLexer{lua.RegisterLexer()}})
	var out []token
	var bad error
	for t := range ch { // to the end, also after an error: the lexer blocks on a full channel for ever
		switch {
		case bad != nil:
		case t.Error != nil:
			bad = lexError(t)
		case !t.IsQuoted && len(t.Value) > 0 && t.Value[0] == '#':
		default:
			out = append(out, token{t.Value, t.Line, t.IsQuoted})
		}
	}
	return out, bad
}

// lexError keeps what crossplane says was wrong and drops its copy of the statement, which can hold a secret.
func lexError(t crossplane.NgxToken) error {
	var p *crossplane.ParseError
	if errors.As(t.Error, &p) {
		line := t.Line
		if p.Line != nil {
			line = *p.Line
		}
		return fmt.Errorf("line %d: %s", line, detect.Clean(p.What))
	}
	return fmt.Errorf("line %d: %s", t.Line, detect.Clean(t.Error.Error()))
}
