package notify

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// keyed is a webhook whose key is where it leads.
func keyed(name, url string) Channel {
	c := hook(name, url, "json")
	c.Key = url
	return c
}

// What waits for a channel that leads elsewhere now goes there; a channel that is the same goes on; one
// that is no longer configured keeps what it has, and delivers it when it comes back.
func TestReload(t *testing.T) {
	down, up := receive(t, answers(503)), receive(t, nil)
	dir := t.TempDir()
	slow := keyed("goes", down.URL)
	n := notifier(t, dir, keyed("moves", down.URL), slow, keyed("stays", up.URL))
	runs(t, n)
	send(t, n, about("shop", "a", 1, "NOT healed"))
	eventually(t, "one channel has it and two failed", func() bool {
		_, asked := down.all()
		return len(up.ids(t)) == 1 && asked >= 2
	})
	stays := n.now().channels[2]
	o := Options{Dir: filepath.Join(dir, "outbox"), Version: "test", Channels: []Channel{keyed("stays", up.URL), keyed("moves", up.URL)}}
	if err := n.Reload(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if n.now().channels[0] != stays {
		t.Error("a channel that is the same was opened anew")
	}
	eventually(t, "what waited went where the channel leads now", func() bool { return len(up.ids(t)) == 2 && pending(n) == 0 })
	send(t, n, about("shop", "a", 2, Healed))
	eventually(t, "both go on", func() bool { return len(up.ids(t)) == 4 })
	o.Channels = append(o.Channels, keyed("goes", up.URL))
	if err := n.Reload(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a channel that came back delivers what it had", func() bool { return len(up.ids(t)) == 5 })
	if ids := up.ids(t); ids[4] != "a.1" {
		t.Errorf("it delivered %q", ids)
	}
}

// A configuration that cannot be had leaves everything as it was, and going.
func TestReloadThatFails(t *testing.T) {
	up := receive(t, nil)
	dir := t.TempDir()
	n := notifier(t, dir, keyed("moves", up.URL), keyed("stays", up.URL))
	runs(t, n)
	o := Options{Dir: filepath.Join(dir, "outbox"), Channels: []Channel{{Name: "moves", Key: "x", Command: []string{"page-me"}}}}
	if err := n.Reload(t.Context(), o); err == nil {
		t.Error("a channel that leads nowhere was taken")
	}
	send(t, n, about("shop", "a", 1, "NOT healed"))
	eventually(t, "both channels go on", func() bool { return len(up.ids(t)) == 2 })
}

// What the disk did not take outlives a reload too.
func TestReloadOnAFullDisk(t *testing.T) {
	down, up := receive(t, answers(503)), receive(t, nil)
	dir := t.TempDir()
	n := notifier(t, dir, keyed("ops", down.URL))
	touch(t, filepath.Join(dir, "file"))
	box := n.channels[0].box
	box.dir = filepath.Join(dir, "file", "gone")
	runs(t, n)
	send(t, n, about("shop", "a", 1, "NOT healed"))
	eventually(t, "it failed", func() bool { _, asked := down.all(); return asked > 0 })
	o := Options{Dir: filepath.Join(dir, "outbox"), Channels: []Channel{keyed("ops", up.URL)}}
	if err := n.Reload(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it was delivered", func() bool { return slices.Equal(up.ids(t), []string{"a.1"}) })
}

// A heartbeat that is no longer configured stops, and one that is comes to life.
func TestReloadOfHeartbeats(t *testing.T) {
	one, two := receive(t, nil), receive(t, nil)
	beat := func(r *receiver) Channel {
		return Channel{Name: "heartbeat", Key: r.URL, Heartbeat: &Heartbeat{Address: at(r.URL), Shown: r.URL, Every: time.Millisecond}}
	}
	dir := t.TempDir()
	n := notifier(t, dir, beat(one))
	runs(t, n)
	eventually(t, "it beats", func() bool { _, asked := one.all(); return asked > 0 })
	if err := n.Reload(t.Context(), Options{Dir: filepath.Join(dir, "outbox"), Channels: []Channel{beat(two)}}); err != nil {
		t.Fatal(err)
	}
	_, was := one.all()
	eventually(t, "the other beats", func() bool { _, asked := two.all(); return asked > 2 })
	if _, is := one.all(); is != was {
		t.Errorf("%d beats of a heartbeat that is gone", is-was)
	}
	if _, err := os.Stat(filepath.Join(dir, "outbox", "heartbeat")); err == nil {
		t.Error("a heartbeat has an outbox")
	}
}
