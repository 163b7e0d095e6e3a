package signature

import (
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// kernelLines: the comm of a process is cut at 15 bytes and, with setproctitle, holds a colon
// and a space ("gunicorn: worke"). Of one kill only the "Killed process" line is counted; the
// oom-kill: summary says for which control group.
var kernelLines = []pattern{
	p(detect.EventOOMKill, "oom-kill:", `oom-kill:constraint=(?P<scope>\w+).*?(?:task_memcg=(?P<cgroup>[^,]+))?,task=(?P<comm>[^,]+),pid=(?P<pid>\d+)`),
	p(detect.EventOOMKill, "oom-kill:", `oom-kill:constraint=(?P<scope>\w+)`),
	p(detect.EventOOMKill, "ut of memory: Kill", `ut of memory: Kill(?:ed)? process (?P<pid>\d+) \((?P<comm>[^)]+)\)`),
	p(detect.EventOOMKill, "invoked oom-killer", `(?P<invoker>.{1,16}) invoked oom-killer`),
	p(detect.EventAVCDenied, "avc:", `avc:\s+denied\s+\{ (?P<perm>[^}]+?) \}.*? comm="(?P<comm>[^"]*)"`),
	p(detect.EventAppArmor, `apparmor="DENIED"`, `apparmor="DENIED" operation="(?P<operation>[^"]*)"(?:.*? profile="(?P<profile>[^"]*)")?(?:.*? name="(?P<name>[^"]*)")?`),
	p(detect.EventSegfault, "segfault at", `(?P<comm>[^\s\[]+)\[(?P<pid>\d+)\]: segfault at.*?(?: in (?P<in>[^\s\[]+))?`),
	p(detect.EventSegfault, "trap invalid opcode", `(?P<comm>[^\s\[]+)\[(?P<pid>\d+)\]: trap invalid opcode|trap invalid opcode`),
	p(detect.EventSegfault, "general protection fault", `(?P<comm>[^\s\[]+)\[(?P<pid>\d+)\] general protection fault`),
	p(detect.EventSYNFlood, "SYN flooding on port", `ossible SYN flooding on port (?:\S*[:.])?(?P<port>\d+)\.`),
	p(detect.EventConntrackFull, "table full, dropping packet", `nf_conntrack: table full, dropping packet`),
	p(detect.EventFirewall, "[UFW BLOCK]", `\[UFW BLOCK\].*? DPT=(?P<port>\d+)`),
	p(detect.EventKernelNoSpace, "Remounting filesystem read-only", `Remounting filesystem read-only`),
}

// kernel reads a message of the kernel or of auditd.
func kernel(text string) (detect.Line, bool) {
	l, ok := match(kernelLines, text)
	if !ok {
		return l, false
	}
	if l.Event == detect.EventAVCDenied {
		return avc(l, text)
	}
	return l, true
}

// avc drops what was only said: with permissive=1 nothing was denied.
func avc(l detect.Line, text string) (detect.Line, bool) {
	if strings.Contains(text, "permissive=1") {
		return detect.Line{}, false
	}
	for _, key := range []string{"name", "path", "dest", "tclass", "scontext", "tcontext"} {
		if v := value(text, key); v != "" {
			l.Attr[key] = detect.Clean(v)
		}
	}
	return l, true
}

// value reads key=word or key="words".
func value(text, key string) string {
	_, rest, ok := strings.Cut(text, " "+key+"=")
	if !ok {
		return ""
	}
	if strings.HasPrefix(rest, `"`) {
		v, _, _ := strings.Cut(rest[1:], `"`)
		return v
	}
	v, _, _ := strings.Cut(rest, " ")
	return v
}
