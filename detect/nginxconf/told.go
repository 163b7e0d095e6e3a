package nginxconf

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"

	"github.com/gatemend/gatemend/detect"
)

// Key keeps digests from telling a secret to who guesses it: a password in a header is short. Root has
// one, and who is told of root's reading has not. Without a key a digest is a plain hash. Two
// configurations can be compared only where they were read under the same key.
type Key []byte

func (k Key) hash() hash.Hash {
	if len(k) == 0 {
		return sha256.New()
	}
	return hmac.New(sha256.New, k)
}

// told is a configuration as root tells of it: what keep.go keeps, and digests of all the rest.
type told struct {
	Main     string           `json:"main"`
	Hash     string           `json:"hash"`
	Files    []string         `json:"files"`
	Globs    []string         `json:"globs,omitempty"`
	Problems []string         `json:"problems,omitempty"`
	Refused  *detect.ConfTest `json:"refused,omitempty"`
	Top      []statement      `json:"top"`
}

// statement is a directive. File counts in told.Files: the path of a file is long, and said often.
type statement struct {
	Name   string      `json:"n"`
	Args   []string    `json:"a,omitempty"`
	File   int         `json:"f,omitempty"`
	Line   int         `json:"l"`
	Digest []byte      `json:"d"`
	Block  []statement `json:"b,omitempty"`
	Opened bool        `json:"o,omitempty"` // it has a block, be it empty
}

// MarshalJSON is json.Marshaler: for who asks root what nginx is configured to do.
func (c *Conf) MarshalJSON() ([]byte, error) {
	at := map[string]int{}
	for i, f := range c.files {
		at[f] = i
	}
	return json.Marshal(told{c.main, c.hash, c.files, c.globs, c.problems, c.Refused, tell(c.top.block, at)})
}

func tell(ds []*directive, files map[string]int) []statement {
	out := make([]statement, 0, len(ds))
	for _, d := range ds {
		out = append(out, statement{d.name, d.args, files[d.file], d.line, d.digest[:], tell(d.block, files), d.block != nil})
	}
	return out
}

// UnmarshalJSON is json.Unmarshaler. The build is Debian's.
func (c *Conf) UnmarshalJSON(data []byte) error {
	var t told
	if err := json.Unmarshal(data, &t); err != nil {
		return err
	}
	if len(t.Files) == 0 {
		return errors.New("cannot read what nginx is configured to do: it names no file")
	}
	*c = Conf{Refused: t.Refused, build: Debian, main: t.Main, hash: t.Hash, files: t.Files, globs: t.Globs, problems: t.Problems}
	c.top = &directive{file: t.Main}
	var err error
	c.top.block, err = t.listen(t.Top, 0)
	c.collect()
	return err
}

func (t told) listen(all []statement, depth int) (out []*directive, err error) {
	if depth > depthMax {
		return nil, errors.New("cannot read what nginx is configured to do: it is nested too deeply")
	}
	for _, s := range all {
		if s.File < 0 || s.File >= len(t.Files) {
			return nil, fmt.Errorf("cannot read what nginx is configured to do: it has no file %d", s.File)
		}
		d := &directive{name: s.Name, args: s.Args, file: t.Files[s.File], line: s.Line}
		copy(d.digest[:], s.Digest)
		if d.block, err = t.listen(s.Block, depth+1); err != nil {
			return nil, err
		}
		if s.Opened && d.block == nil {
			d.block = []*directive{}
		}
		out = append(out, d)
	}
	return out, nil
}
