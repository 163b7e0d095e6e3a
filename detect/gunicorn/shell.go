package gunicorn

import (
	"path"
	"strings"

	"github.com/google/shlex"
)

// shell reads `sh -c SCRIPT` and `sh FILE`.
func (c *command) shell(words []string, files Files) bool {
	for i, w := range words {
		switch {
		case strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") && i+1 < len(words):
			return c.script(words[i+1], true, files)
		case !strings.HasPrefix(w, "-"):
			return c.startScript(w, files)
		}
	}
	return false
}

// startScript reads a file that ExecStart= names, where it is a shell script.
func (c *command) startScript(name string, files Files) bool {
	if !path.IsAbs(name) {
		name = path.Join(c.dir, name)
	}
	text, err := files(name)
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(string(text), "\n")
	interpreter := strings.Fields(strings.TrimPrefix(first, "#!"))
	if !strings.HasPrefix(first, "#!") || len(interpreter) == 0 || !isShell(path.Base(interpreter[len(interpreter)-1])) && !isShell(path.Base(interpreter[0])) {
		return false
	}
	return c.script(string(text), false, files)
}

// script follows a shell script to the first server it starts. `cd`, exports and assignments on the
// way count; branches do not: what stands in them is read as if it ran. A shell becomes its last
// command only with exec, or when that is all of `sh -c` (dash and bash both save the fork then).
func (c *command) script(text string, inline bool, files Files) bool {
	commands := split(text)
	for _, words := range commands {
		for i := range words {
			words[i] = expand(words[i], c.get)
		}
		switch words[0] {
		case "cd":
			c.chdir(words[1:])
			continue
		case "export":
			c.takeAssignments(words[1:])
			continue
		case "exec":
			if c.resolve(words[1:], files) {
				return true
			}
			continue
		}
		direct := c.direct
		if c.resolve(words, files) {
			c.direct = direct && inline && len(commands) == 1
			return true
		}
		c.direct = direct
	}
	return false
}

func (c *command) chdir(words []string) {
	if len(words) == 0 {
		return
	}
	c.dir = join(c.dir, words[len(words)-1])
}

func join(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// split cuts a script into simple commands. Words are those of Python's and the shell's quoting; a
// line that is not well quoted is left out.
func split(text string) [][]string {
	var commands [][]string
	for _, line := range strings.Split(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		words, err := shlex.Split(line)
		if err != nil {
			continue
		}
		commands = append(commands, simple(words)...)
	}
	return commands
}

func simple(words []string) (commands [][]string) {
	var now []string
	end := func() {
		if len(now) > 0 {
			commands = append(commands, now)
		}
		now = nil
	}
	for _, w := range words {
		switch w {
		case "&&", "||", ";", "|", "&", "then", "else", "do", "{", "}", "(", ")":
			end()
			continue
		}
		if w != ";" && strings.HasSuffix(w, ";") {
			now = append(now, strings.TrimSuffix(w, ";"))
			end()
			continue
		}
		now = append(now, w)
	}
	end()
	return commands
}
