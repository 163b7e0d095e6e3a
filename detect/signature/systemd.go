package signature

import (
	"regexp"
	"strings"

	"github.com/gatemend/gatemend/detect"
)

// byMessageID holds the messages of sd-messages.h: their texts change between versions and
// with StatusUnitFormat=.
var byMessageID = map[string]detect.Event{
	"7d4958e842da4a758f6c1cdc7b36dcc5": detect.EventUnitStarting,
	"39f53479d3a045ac8e11786248231fbf": detect.EventUnitStarted,
	"be02cf6855d2428ba40df7e9d022f03d": detect.EventUnitStartFailed,
	"de5b426a63be47a7b6ac3eaac82e2f6f": detect.EventUnitStopping,
	"9d1aaa27d60140bd96365438aad20286": detect.EventUnitStopped,
	"7b05ebc668384222baa8881179cfda54": detect.EventUnitReloaded,
	"98e322203f7a4ed290d09fe03c09fe15": detect.EventMainExited,
	"d9b373ed55a64feb8242e02dbe79a49c": detect.EventUnitFailed,
	"7ad2d189f7e94e70a38c781354912448": detect.EventUnitDeactivated,
	"5eb03494b6584870a536b337290809b3": detect.EventRestartScheduled,
	"641257651c1b4ec9a8624d7a40a9e1e7": detect.EventSpawnFailed,
	"fe6faa94e7774663a0da52717891d8ef": detect.EventUnitOOM,
	"d989611b15e44c9dbf31e3c81256e4ed": detect.EventUnitOOM,
}

// systemdLines are PID 1's texts: those without a MESSAGE_ID, and the rest for text that was pasted.
var systemdLines = []pattern{
	p(detect.EventMainExited, "Main proc", `(?P<unit>\S+): (?:Main process exited|main process exited)(?:, code=(?P<code>\w+), status=(?P<status>\d+)(?:/(?P<name>\w+))?)?`),
	p(detect.EventControlExited, "ontrol process exited", `(?P<unit>\S+): [Cc]ontrol process exited, code=(?P<code>\w+),? status=(?P<status>\d+)`),
	p(detect.EventUnitFailed, "Failed with result", `(?P<unit>\S+): Failed with result '(?P<result>[\w-]+)'`),
	p(detect.EventUnitDeactivated, "Deactivated successfully", `(?P<unit>\S+): Deactivated successfully`),
	p(detect.EventUnitDeactivated, ": Succeeded.", `(?P<unit>\S+): Succeeded\.`),
	p(detect.EventRestartScheduled, "restart job", `(?P<unit>\S+): Scheduled restart job, restart counter is at (?P<restarts>\d+)`),
	p(detect.EventRestartScheduled, "holdoff time over", `(?P<unit>\S+): [Ss]ervice .*holdoff time over, scheduling restart`),
	p(detect.EventStartLimit, "tart request repeated too quickly", `(?:(?P<unit>\S+): )?[Ss]tart request repeated too quickly(?: for (?P<for>\S+))?`),
	p(detect.EventStartLimit, "Start requ", `(?P<unit>\S+): Start requ(?:est re|e?s?t?>$)`), // a pager cuts lines with ">"
	p(detect.EventStartLimit, "attempted too often", `start of the service was attempted too often`),
	p(detect.EventSpawnFailed, "Failed at step", `(?P<unit>\S+): Failed at step (?P<step>\w+) spawning (?P<path>[^:]+): (?P<reason>.+)`),
	p(detect.EventSpawnFailed, "locate executable", `(?P<unit>\S+): (?:Failed|Unable) to locate executable '?(?P<path>[^':]+)'?(?:: (?P<reason>.+))?`),
	p(detect.EventSpawnFailed, "Failed to execute", `(?P<unit>\S+): Failed to execute (?:command|'?(?P<path>/[^:']+)'?): (?P<reason>.+)`),
	p(detect.EventSpawnFailed, "Changing to the requested working directory failed", `(?P<unit>\S+): (?P<step>Ch)anging to the requested working directory failed: (?P<reason>.+)`),
	p(detect.EventSpawnFailed, "Failed to determine", `(?P<unit>\S+): Failed to determine (?P<step>user|group|supplementary group) (?:credentials|.*): (?P<reason>.+)`),
	p(detect.EventSpawnFailed, "Failed to resolve", `(?P<unit>\S+): Failed to resolve (?P<step>user|group) \S+: (?P<reason>.+)`),
	p(detect.EventSpawnFailed, "Failed to set up ", `(?P<unit>\S+): Failed to set up (?P<step>mount namespacing|standard (?:input|output|error)|special execution directory)(?: in (?P<in>/\S+?))?:(?: (?P<path>/[^:]+):)? (?P<reason>.+)`),
	p(detect.EventSpawnFailed, "Failed to load credentials", `(?P<unit>\S+): Failed to load (?P<step>credentials): (?P<reason>.+)`),
	p(detect.EventBindFailed, ".socket: Failed to", `(?P<unit>\S+\.socket): Failed to (?:listen on sockets|create listening socket \((?P<target>[^)]+)\)): (?P<why>.+)`),
	p(detect.EventStartLimit, "rigger limit hit", `(?P<unit>\S+): Trigger limit hit`),
	p(detect.EventUnitOOM, "killed by the OOM killer", `(?P<unit>\S+): A process of this unit has been killed by the OOM killer`),
	p(detect.EventUnitOOM, "systemd-oomd killed", `(?P<unit>\S+): systemd-oomd killed`),
	p(detect.EventEnvFileMissing, "Failed to load environment files", `(?P<unit>\S+): Failed to load environment files: (?P<reason>.+)`),
	p(detect.EventEnvIgnored, "Ignoring invalid environment assignment", `Ignoring invalid environment assignment '(?:export )?(?P<variable>[A-Za-z_]\w*)?[^:]*: (?P<path>/\S+)`),
	p(detect.EventEnvIgnored, "Ignoring invalid environment assignment", `Ignoring invalid environment assignment`),
	p(detect.EventMemoryLimit, "Unit uses MemoryLimit=", `(?P<file>/\S+?):(?P<line>\d+): Unit uses MemoryLimit=`),
	p(detect.EventSentSignal, "on client request", `(?P<unit>\S+): (?:Sent|Sending) signal SIG(?P<signal>\w+) to (?:main )?process \d+`),
	p(detect.EventStopTimeout, "timed out. Killing", `(?P<unit>\S+): State '(?P<state>[\w-]+)' timed out`),
	p(detect.EventStartTimeout, "operation timed out", `(?P<unit>\S+): start operation timed out`),
	p(detect.EventUnitBad, "executable", `(?P<file>/\S+):(?P<line>\d+)[:\]]+ (?P<message>(?:Neither a valid executable name|Executable path is not absolute).*)`),
	p(detect.EventUnitBad, "fatal error", `(?P<unit>\S+): Unit configuration has fatal error`),
	p(detect.EventUnitBad, "lacks both", `(?P<unit>\S+?):? (?:Service )?(?:has no|lacks both) ExecStart=`),
	p(detect.EventUnitBad, "has no ExecStart=", `(?P<unit>[\w@.\\:-]+)(?:: Service)? has no ExecStart=`),
	p(detect.EventUnitBad, "bad unit file setting", `(?P<unit>\S+) has a bad unit file setting`),
	p(detect.EventUnitBad, "failed to load: Invalid argument", `Unit (?P<unit>\S+) failed to load: Invalid argument`),
	p(detect.EventUnitChanged, "drop-ins of", `The unit file, source configuration file or drop-ins of (?P<unit>\S+) changed on disk`),
	p(detect.EventUnitHeldBack, "Dependency failed for", `^Dependency failed for (?P<unit>\S+)`),
	p(detect.EventUnitHeldBack, "result 'dependency'", `(?P<unit>\S+): Job \S+ failed with result 'dependency'`),
	p(detect.EventUnitHeldBack, "was skipped because of", `^(?P<unit>\S+)(?: - .*)? was skipped because of an? \w+ condition`),
	p(detect.EventUnitHeldBack, " skipped, unmet condition", `^(?P<unit>\S+)(?: - .*)? skipped, unmet condition check`), // systemd 257
	p(detect.EventUnitHeldBack, "Condition check resulted in", `^Condition check resulted in (?P<unit>.+) being skipped`),
	p(detect.EventUnitMasked, "is masked", `Unit (?P<unit>\S+) is masked`),
	p(detect.EventUnitNotFound, "could not be found", `Unit (?P<unit>\S+) could not be found`),
	p(detect.EventUnitNotFound, "not found.", `Unit (?P<unit>\S+) not found`),
	p(detect.EventUnitStartFailed, "Job for ", `^Job for (?P<unit>\S+) failed because`), // systemctl to whoever ran it
	p(detect.EventUnitStartFailed, "Failed to start", `^Failed to start `),
	p(detect.EventUnitStarting, "Starting ", `^Starting (?P<unit>\S+)`),
	p(detect.EventUnitStarted, "Started ", `^Started (?P<unit>\S+)`),
	p(detect.EventUnitStopping, "Stopping ", `^Stopping (?P<unit>\S+)`),
	p(detect.EventUnitStopped, "Stopped ", `^Stopped (?P<unit>\S+)`),
	p(detect.EventUnitReloaded, "Reloaded ", `^Reloaded (?P<unit>\S+)`),
}

// systemd reads a message of PID 1, or of the child it forked to become the service.
func systemd(r Record) (detect.Line, bool) {
	l, ok := match(systemdLines, r.Message)
	// A start that was skipped bears the MESSAGE_ID of one that succeeded, and one whose dependency failed
	// that of one that failed: the words tell (job_emit_done_message in systemd's src/core/job.c).
	if e := byMessageID[r.MessageID]; e != "" && l.Event != detect.EventUnitHeldBack {
		if !ok {
			l = detect.Line{Attr: map[string]string{}}
		}
		l.Event, ok = e, true
		if e == detect.EventMainExited && (strings.Contains(r.Message, "ontrol process") || strings.HasPrefix(r.Fields["COMMAND"], "ExecStartPre")) {
			l.Event = detect.EventControlExited
		}
	}
	if ok {
		tidy(&l)
		described(&l, r.Message)
		fields(&l, r.Fields)
	}
	return l, ok
}

// nginxIs is what nginx's unit is called by Debian, by nginx.org and by Fedora: up to 249 systemd names a unit by
// its description alone, "Stopped A high performance web server and a reverse proxy server."
var nginxIs = regexp.MustCompile(`(?:[Aa] high performance web server and a reverse proxy server|nginx - high performance web server|The nginx HTTP and reverse proxy server)`)

// described gives a line about nginx's unit its name where only the description stands.
func described(l *detect.Line, text string) {
	if !strings.Contains(l.Attr["unit"], ".") && nginxIs.MatchString(text) {
		l.Attr["unit"] = "nginx.service"
	}
}

// fields prefers what PID 1 says in fields to what it says in words.
func fields(l *detect.Line, f map[string]string) {
	for from, to := range map[string]string{
		"UNIT": "unit", "JOB_TYPE": "job_type", "JOB_RESULT": "job_result", "EXIT_CODE": "code",
		"EXIT_STATUS": "status", "UNIT_RESULT": "result", "N_RESTARTS": "restarts", "EXECUTABLE": "path", "COMMAND": "command",
	} {
		if v := f[from]; v != "" {
			l.Attr[to] = detect.Clean(v)
		}
	}
	if n := f["ERRNO"]; n != "" {
		l.Attr["errno"] = detect.Clean(n)
	}
}

// statusLines are `systemctl status` as people paste it.
var statusLines = []pattern{
	p(detect.EventStatusActive, "Active: ", `^\s*Active: (?P<active>[\w-]+) \((?P<sub>[\w-]+)\)(?: \(Result: (?P<result>[\w-]+)\))?`),
	p(detect.EventStatusActive, "Active: failed", `^\s*Active: (?P<active>failed) \(Result: (?P<result>[\w-]+)`),
	p(detect.EventStatusMain, "Main PID: ", `^\s*Main PID: (?P<pid>\d+) \(code=(?P<code>\w+),? (?:status|signal)=(?P<status>\w+)`),
	p(detect.EventStatusMain, "Main PID: ", `^\s*Main PID: (?P<pid>\d+) \((?P<comm>[^)=]+)\)`),
	p(detect.EventStatusProcess, "Process: ", `^\s*Process: (?P<pid>\d+) (?P<command>Exec\w+)=(?P<exec>.*) \(code=(?P<code>\w+), (?:status|signal)=(?P<status>\w+)`),
	p(detect.EventStatusLoaded, "Loaded: ", `^\s*Loaded: (?P<load>[\w-]+) \((?P<path>[^;)]+)(?:; (?P<file_state>[\w-]+))?`),
	p(detect.EventStatusUnit, "", `^[●○×*↻] (?P<unit>[\w@.\\:-]+\.(?:service|socket))`),
}
