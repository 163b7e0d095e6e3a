package cli

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/gatemend/gatemend/agent/config"
)

func TestReadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		mode               os.FileMode
		owner, member, all bool
	}{
		{0o600, true, false, false}, {0o640, true, true, false}, {0o604, true, false, true}, {0o040, false, true, false}, {0o644, true, true, true},
	} {
		if err := os.Chmod(path, tt.mode); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		st := info.Sys().(*syscall.Stat_t)
		uid, gid := int(st.Uid), int(st.Gid)
		got := []bool{readable(info, uid, nil), readable(info, uid+1, []int{gid}), readable(info, uid+1, []int{gid + 1})}
		if want := []bool{tt.owner, tt.member, tt.all}; !slices.Equal(got, want) {
			t.Errorf("%v: owner, group, others: %v, want %v", tt.mode, got, want)
		}
	}
}

func TestURLFiles(t *testing.T) {
	got := urlFiles([]config.Notify{
		{Command: []string{"/x"}}, {Webhook: &config.Webhook{Address: config.Address{File: "/a"}}},
		{Ntfy: &config.Ntfy{}}, {Heartbeat: &config.Heartbeat{Address: config.Address{File: "/b"}}},
	})
	if !slices.Equal(got, []string{"/a", "/b"}) {
		t.Errorf("files %q", got)
	}
}
