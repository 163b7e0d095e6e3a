package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// bystanders is what an action on the shop must leave alone, by a name for the failure's text.
type bystanders map[string]string

// bystanders looks at everything that is not the shop's own: other units' invocations, the
// configuration's and the app's files, users' files, the firewall of systemd's own state.
func (m *shop) bystanders() bystanders {
	m.tb.Helper()
	out := m.Sh(m.tb, `
for u in decoy.service dbus.service systemd-journald.service systemd-logind.service; do
	echo "invocation of $u=$(systemctl show -P InvocationID $u)"
done
echo "invocation of nginx=$(systemctl show -P InvocationID nginx.service)"
echo "files of /srv/shop=$(find /srv/shop -not -path '*/__pycache__*' -type f -exec stat -c '%n %a %U %Y' {} + | sort | md5sum)"
echo "files of /etc=$(find /etc -type f -not -path '/etc/gatemend/*' -exec stat -c '%n %a %U %G' {} + | sort | md5sum)"
echo "units=$(systemctl list-unit-files --no-legend --no-pager | awk '$2 != "transient" { print $1 " " $2 }' | sort | paste -s -d,)"
`)
	b := bystanders{}
	for line := range strings.Lines(out) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			b[name] = value
		}
	}
	return b
}

// untouched fails the test when a bystander changed; those that the scenario itself changes are excepted.
func (m *shop) untouched(except ...string) {
	m.tb.Helper()
	now, was := m.bystanders(), maps.Clone(m.was)
	for _, e := range except {
		delete(was, e)
	}
	for name, value := range was {
		if now[name] != value {
			m.tb.Errorf("%s was changed: %s", name, difference(value, now[name]))
		}
	}
}

// difference shows what two comma-separated lists do not share.
func difference(was, is string) string {
	before, after := strings.Split(was, ","), strings.Split(is, ",")
	gone := slices.DeleteFunc(slices.Clone(before), func(s string) bool { return slices.Contains(after, s) })
	came := slices.DeleteFunc(slices.Clone(after), func(s string) bool { return slices.Contains(before, s) })
	return fmt.Sprintf("%q before, %q now", gone, came)
}
