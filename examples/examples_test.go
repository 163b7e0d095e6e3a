package examples_test

import (
	"io/fs"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/gatemend/gatemend/examples"
)

func TestDeployment(t *testing.T) {
	want := map[string]string{
		"unix":      "/srv/shop/app.py /etc/shop/shop.env /usr/lib/sysusers.d/shop.conf /etc/systemd/system/shop.service /etc/nginx/sites-available/shop",
		"tcp":       "/srv/shop/app.py /etc/shop/shop.env /usr/lib/sysusers.d/shop.conf /etc/systemd/system/shop.service /etc/nginx/sites-available/shop",
		"activated": "/srv/shop/app.py /etc/shop/shop.env /usr/lib/sysusers.d/shop.conf /etc/systemd/system/shop.service /etc/systemd/system/shop.socket /etc/nginx/sites-available/shop",
	}
	for variant, paths := range want {
		files, err := examples.Deployment(variant)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range files {
			got = append(got, f.Path)
		}
		if strings.Join(got, " ") != paths {
			t.Errorf("%s: %q", variant, got)
		}
	}
	if _, err := examples.Deployment("app"); err == nil {
		t.Error("a directory that is no variant was taken for one")
	}
}

// The three units differ in how they listen, and in nothing else: what is fixed in one is fixed in all.
func TestUnitsAreAlike(t *testing.T) {
	own := []string{"#", "Requires=", "RuntimeDirectory", "ExecStart="}
	var first string
	for _, variant := range []string{"unix", "tcp", "activated"} {
		text, err := fs.ReadFile(examples.FS, "demo/"+variant+"/shop.service")
		if err != nil {
			t.Fatal(err)
		}
		var shared []string
		for line := range strings.Lines(string(text)) {
			if !startsWithAny(line, own) && line != "\n" {
				shared = append(shared, line)
			}
		}
		switch got := strings.Join(shared, ""); {
		case first == "":
			first = got
		case got != first:
			t.Errorf("%s/shop.service differs:\n%s\nfrom\n%s", variant, got, first)
		}
	}
}

func startsWithAny(line string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	return false
}

// The keys are checked by the configuration's own tests; here only that it is a mapping that can be read.
func TestConfigurationIsYAML(t *testing.T) {
	text, err := fs.ReadFile(examples.FS, "gatemend.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc["mode"] != "dry-run" {
		t.Errorf("the example is in mode %v: a copied file must change nothing", doc["mode"])
	}
}
