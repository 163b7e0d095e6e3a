package sock

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/detect/pulse"
	"github.com/gatemend/gatemend/detect/watch"
)

// Watch sends a trigger for each site of a socket's path when the socket, or a directory on
// its path, is made, removed, replaced, or changes mode or owner. It returns nil when ctx
// ends. A listener that dies while its file stays makes no event: only a connect tells.
func Watch(ctx context.Context, w *watch.Watcher, paths map[string][]string, out chan<- detect.Trigger) error {
	var following sync.WaitGroup
	for path, sites := range paths {
		following.Go(func() { follow(ctx, w, path, sites, out) })
	}
	<-ctx.Done() // also with no path to follow: a sensor that returns is a sensor that failed
	following.Wait()
	return nil
}

func follow(ctx context.Context, w *watch.Watcher, path string, sites []string, out chan<- detect.Trigger) {
	beat := pulse.Begin(ctx, "the sensor of "+path)
	defer beat.End()
	was := Walk(path) // before subscribing, so that what happens in between is a difference too
	sub := w.Subscribe(path, watch.Chain)
	defer sub.Close()
	for {
		note, now := sub.Take(), Walk(path)
		why := difference(was, now)
		was = now
		if note.Lost != "" {
			why = strings.TrimPrefix(why+"; "+note.Lost, "; ")
		}
		if why != "" && !send(ctx, out, sites, why, note.Lost != "") {
			return
		}
		if !wait(ctx, sub, beat) {
			return
		}
	}
}

// wait waits for the next event; false when ctx ended first.
func wait(ctx context.Context, sub *watch.Sub, beat *pulse.Pulse) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case answered := <-beat.Ping():
			close(answered)
		case <-sub.C():
			return true
		}
	}
}

// send gives the trigger of each site; false when ctx ended first.
func send(ctx context.Context, out chan<- detect.Trigger, sites []string, why string, lost bool) bool {
	for _, site := range sites {
		t := detect.Trigger{At: detect.At(time.Now()), Site: site, Sensor: detect.SensorSocket, Why: detect.Clean(why), Lost: lost}
		select {
		case out <- t:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// difference says what became of a path between two looks, in words; "" when nothing did. The
// first component that differs is the one to tell of: all behind it follow from it.
func difference(was, now *detect.SocketPath) string {
	for i := range max(len(was.Parts), len(now.Parts)) {
		switch {
		case i >= len(now.Parts):
			return fmt.Sprintf("%s is gone", was.Parts[i].Path)
		case i >= len(was.Parts):
			return fmt.Sprintf("%s is there now", now.Parts[i].Path)
		}
		if text := changed(was.Parts[i], now.Parts[i]); text != "" {
			return text
		}
	}
	return ""
}

func changed(was, now detect.PathPart) string {
	switch {
	case was.Kind != now.Kind && now.Kind == "missing":
		return fmt.Sprintf("%s is gone", now.Path)
	case was.Kind != now.Kind && was.Kind == "missing":
		return fmt.Sprintf("%s is there now", now.Path)
	case was.Kind != now.Kind:
		return fmt.Sprintf("%s was a %s and is a %s", now.Path, was.Kind, now.Kind)
	case was.Inode != now.Inode || was.Real != now.Real:
		return fmt.Sprintf("%s was replaced", now.Path)
	case was.Mode != now.Mode:
		return fmt.Sprintf("%s changed its mode from %04o to %04o", now.Path, was.Mode, now.Mode)
	case was.UID != now.UID || was.GID != now.GID:
		return fmt.Sprintf("%s changed its owner from %d:%d to %d:%d", now.Path, was.UID, was.GID, now.UID, now.GID)
	case now.Kind == "socket" && was.CTime != now.CTime:
		return fmt.Sprintf("%s was replaced or touched", now.Path) // ext4 gives a freed inode to the next file
	}
	return ""
}
