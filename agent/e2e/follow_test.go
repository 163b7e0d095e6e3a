package e2e

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// advised is what `gatemend diagnose` tells a person about the shop now.
func (m *shop) advised() (detect.Finding, error) {
	var l []struct {
		Diagnosis detect.Diagnosis `json:"diagnosis"`
	}
	if err := m.json(&l, "gatemend", "diagnose", "--json"); err != nil {
		return detect.Finding{}, err
	}
	if len(l) == 0 {
		return detect.Finding{}, fmt.Errorf("diagnose shows no route")
	}
	return l[0].Diagnosis.Primary, nil
}

// The forms in which advice says what is to be written, see package diagnose.
var (
	dropInForm = regexp.MustCompile(`systemctl edit (\S+)   # \[(\w+)\] ([^#]*)`)
	optionForm = regexp.MustCompile(`in ExecStart= of (\S+): (--\S+) (\S+)`)
	belowForm  = regexp.MustCompile(`in (/\S+):(\d+), [^:]+: ([^#]*;)`)
	insideForm = regexp.MustCompile(`in (/\S+), (at the top|events): ([^#]*;)`)
	lineForm   = regexp.MustCompile(`in (/\S+):(\d+): ([^#]*)`)
	directive  = regexp.MustCompile(` ([A-Z]\w+=)`)
)

// follow is the script of a person who does what one line of advice says, to the letter.
func follow(line string) string {
	if g := dropInForm.FindStringSubmatch(line); g != nil {
		dir := "/etc/systemd/system/" + g[1] + ".d"
		return fmt.Sprintf("mkdir -p %s; printf '[%s]\\n%s\\n' >>%s/override.conf; systemctl daemon-reload",
			dir, g[2], directive.ReplaceAllString(strings.TrimSpace(g[3]), `\n$1`), dir)
	}
	if g := optionForm.FindStringSubmatch(line); g != nil {
		return fmt.Sprintf("f=%s; [ -e $f ] || f=$(systemctl show -P FragmentPath $f); sed -Ei 's#^(ExecStart=.*) %s(=| )[^ ]+#\\1#; s#^(ExecStart=[^ ]+)#\\1 %[2]s %s#' $f", g[1], g[2], g[3])
	}
	if g := belowForm.FindStringSubmatch(line); g != nil {
		return without(g[1], g[3]) + fmt.Sprintf("sed --follow-symlinks -i '%s{s#{#{ %s#}' %s", g[2], g[3], g[1])
	}
	if g := insideForm.FindStringSubmatch(line); g != nil {
		at := "1s#^#" + g[3] + "\\n#"
		if g[2] == "events" {
			at = "s#^events {#events { " + g[3] + "#"
		}
		return without(g[1], g[3]) + fmt.Sprintf("sed --follow-symlinks -i '%s' %s", at, g[1])
	}
	if g := lineForm.FindStringSubmatch(line); g != nil {
		return fmt.Sprintf("sed --follow-symlinks -i '%sc\\%s' %s", g[2], strings.TrimSpace(g[3]), g[1])
	}
	return strings.TrimPrefix(strings.TrimPrefix(line, "then: "), "for good: ")
}

// without takes out of a file of nginx what the new directives replace: each may stand there once.
func without(file, directives string) (script string) {
	for _, d := range strings.Split(directives, ";") {
		if name, _, _ := strings.Cut(strings.TrimSpace(d), " "); name != "" {
			script += fmt.Sprintf("sed --follow-symlinks -Ei 's#(^|[ \\t])%s [^;]*;#\\1#' %s\n", name, file)
		}
	}
	return script
}
