package e2e

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// traces is everything of a machine that an agent could change, by what it is about: each path with its
// kind, mode, owner, time and content; each unit with its states and its invocation; how many jobs systemd
// ever installed, but for those of the agent and its helper; each process of a unit, and whether it is
// stopped; what the root helper was asked to do; and what clients other than the agent asked of nginx.
type traces map[string]string

// takeTraces walks the whole file system. What is below /usr and comes with packages is told by its
// times (a change of content or of the inode shows in ctime), all else by its hash too.
const takeTraces = `
find / -xdev \( -path /proc -o -path /sys -o -path /dev \) -prune -o -printf 'path %p\t%y %m %U:%G %s %T@ %C@ %l\n'
find /run /tmp /var/tmp -xdev -printf 'path %p\t%y %m %U:%G %s %T@ %C@ %l\n'
find /etc /srv /root /home /opt /usr/local /var /run -xdev -type f -not -path '/var/log/*' -not -path '/run/log/*' -not -path '/var/lib/gatemend*' -exec sha256sum {} + |
	sed 's/^\([0-9a-f]*\)  \(.*\)$/hash \2\t\1/'
systemctl show '*' -p Id -p ActiveState -p SubState -p InvocationID -p NRestarts -p MainPID -p StateChangeTimestampMonotonic -p UnitFileState -p Job |
	awk 'BEGIN { RS = ""; FS = "\n" } { id = ""; rest = ""; for (i = 1; i <= NF; i++) if ($i ~ /^Id=/) id = substr($i, 4); else rest = rest " " $i; print "unit " id "\t" rest }' | sort -u
journalctl --sync
own=$(journalctl -q -b _PID=1 UNIT=gatemend.service + _PID=1 UNIT=gatemend-helper.service + _PID=1 UNIT=gatemend-look.socket + _PID=1 UNIT=gatemend-act.socket -o json --output-fields=JOB_ID |
	grep -o '"JOB_ID":"[0-9]*"' | sort -u | wc -l)
printf 'jobs of other units\t%s\n' $(($(systemctl show -P NInstalledJobs) - own))
systemctl show -p NFailedJobs -p UnitsLoadFinishTimestampMonotonic | sed 's/^\(.*\)=/manager \1\t/'
grep -s . /proc/[0-9]*/cgroup | sed -nE 's#^/proc/([0-9]+)/.*/([^/]*\.service)(/.*)?$#\1 \2#p' | grep -v ' gatemend' | while read pid unit; do
	sed -nE "s#^([0-9]+) (\(.*\)) (.) .*#process \1 of $unit\t\2 \3#p" /proc/$pid/stat 2>/dev/null
done | sed 's/[RSDI]$/up/'
journalctl -q -b -u gatemend-helper -o cat | grep -c request= | sed 's/^/requests to act.sock\t/'
grep -hv 'gatemend/' /var/log/nginx/access.log | md5sum | sed 's/^/requests of others\t/'
grep -hv 'gatemend-probe' /var/log/nginx/error.log | md5sum | sed 's/^/errors of others\t/'
systemctl show-environment | md5sum | sed 's/^/manager environment\t/'
`

// theirOwn is what does not count: the agent's own state and unit (whose start and stop this test asks
// for), what the helper remembers of looks, logs, and what systemd and journald keep about any running unit. What the
// helper remembers of effects, in /run/gatemend-helper, counts.
var theirOwn = regexp.MustCompile(`^(path|hash|unit) (` + strings.Join([]string{
	`/var/lib/gatemend(/.*)?`, `/var/lib/gatemend-helper(/.*)?`, `/run/gatemend(/.*)?`, `gatemend(-[a-z]+)?\.(service|socket)`,
	`/var/log/nginx/.*\.log`, `(/var|/run)/log/journal/.*`,
	`/run/systemd/units(/.*gatemend[^/]*)?`, `/run/systemd/(journal|incoming|propagate)(/.*)?`, `/run/systemd/unit-root`,
}, "|") + `)$`)

// busy directories get and lose entries of the agent's unit itself; each entry is looked at.
var busy = []string{"path /tmp", "path /var/tmp", "path /run", "path /var/lib", "path /run/systemd"}

// byNginxTest is what DESIGN says of `nginx -t`: it makes a missing pid file, without a word in it.
var byNginxTest = []string{"path /run/nginx.pid", "hash /run/nginx.pid"}

func (m *shop) traces() traces {
	m.tb.Helper()
	t := traces{}
	for line := range strings.Lines(m.Sh(m.tb, takeTraces)) {
		what, is, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || theirOwn.MatchString(what) {
			continue
		}
		if slices.Contains(busy, what) {
			is = strings.Join(strings.Fields(is)[:3], " ") // kind, mode, owner
		}
		t[what] = is
	}
	return t
}

// changedSince names what is not as it was.
func (t traces) changedSince(was traces) (changed []string) {
	names := map[string]bool{}
	for n := range maps.Keys(t) {
		names[n] = true
	}
	for n := range maps.Keys(was) {
		names[n] = true
	}
	for n := range names {
		if made := was[n] == "" && t[n] != ""; t[n] != was[n] && !(made && slices.Contains(byNginxTest, n)) {
			changed = append(changed, n+": "+was[n]+" → "+t[n])
		}
	}
	slices.Sort(changed)
	return changed
}
