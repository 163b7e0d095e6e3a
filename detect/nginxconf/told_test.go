package nginxconf

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/gatemend/gatemend/detect"
	"github.com/google/go-cmp/cmp"
)

// retold is what who asks root has of a configuration.
func retold(t *testing.T, c *Conf) (*Conf, string) {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var out Conf
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return &out, string(text)
}

// What root tells is worth as much as what root sees: every site, and every difference.
func TestWhatIsToldServes(t *testing.T) {
	c := dumped(t)
	c.Refused = &detect.ConfTest{At: 1, File: "/etc/nginx/x.conf", Line: 3, Message: "unknown directive"}
	told, _ := retold(t, c)
	if !cmp.Equal(told.Refused, c.Refused) {
		t.Errorf("refused %+v", told.Refused)
	}
	for _, at := range []struct{ server, path string }{
		{"shop.example.com", "/"}, {"shop.example.com", "/admin/deep/x"}, {"api.example.com", "/u"}, {"api.example.com", "/log"}, {"_", "/"},
	} {
		if diff := cmp.Diff(c.Site(at.server, at.path), told.Site(at.server, at.path)); diff != "" {
			t.Errorf("%s%s: %s", at.server, at.path, diff)
		}
	}
	if lines, elsewhere := Diff(c, told, "shop.example.com"); len(lines) > 0 || elsewhere {
		t.Errorf("differ: %q %v", lines, elsewhere)
	}
	if told.User() != c.User() || told.Hash() != c.Hash() || !cmp.Equal(told.Dirs(), c.Dirs()) || !cmp.Equal(told.Files(), c.Files()) {
		t.Errorf("user %q, hash %q, directories %q, files %q", told.User(), told.Hash(), told.Dirs(), told.Files())
	}
	if !cmp.Equal(told.Names("shop.example.com"), c.Names("shop.example.com")) {
		t.Errorf("names %q", told.Names("shop.example.com"))
	}
}

// No secret is told, and no digest that a guess could be tried against.
func TestSecretsAreNotTold(t *testing.T) {
	text, err := os.ReadFile("testdata/dump.txt")
	if err != nil {
		t.Fatal(err)
	}
	one, err := Key("one").Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	_, told := retold(t, one)
	for _, secret := range []string{"sk_live", "rosebud", "hunter2", "key.pem", "htpasswd"} {
		if !strings.Contains(string(text), secret) {
			t.Fatalf("the dump holds no %q to be hidden", secret)
		}
		if strings.Contains(told, secret) {
			t.Errorf("%q is told", secret)
		}
	}
	for name, key := range map[string]Key{"none": nil, "another": Key("two")} {
		other, err := key.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if other.top.digest == one.top.digest || other.Hash() == one.Hash() || other.servers[0].d.digest == one.servers[0].d.digest {
			t.Errorf("key %s: the digest is the same: a secret could be guessed", name)
		}
	}
}

func TestWhatIsToldIsChecked(t *testing.T) {
	for _, text := range []string{
		`{}`, `{"files":["/a"],"top":[{"n":"http","f":1}]}`, `{"files":["/a"],"top":[{"n":"http","f":-1}]}`,
		`{"files":["/a"],"top":` + strings.Repeat(`[{"n":"server","b":`, depthMax+2) + `[]` + strings.Repeat(`}]`, depthMax+2) + `}`,
	} {
		var c Conf
		if err := json.Unmarshal([]byte(text), &c); err == nil {
			t.Errorf("%.60s is read", text)
		}
	}
}
