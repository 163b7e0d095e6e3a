package hold

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/gatemend/gatemend/detect"
	"github.com/gatemend/gatemend/policy"
	"github.com/gatemend/gatemend/remediate/durable"
)

// Bounds of what a person may say. A hold that never ends would be forgotten.
const (
	Usual      = detect.Span(3600_000_000)           // where no length is given
	Longest    = detect.Span(30 * 24 * 3600_000_000) // thirty days
	textMax    = 200                                 // characters of an owner or a reason
	noReason   = "no reason given"
	ownerMakes = "only root may pause and resume"
)

// Pause makes a hold of that length, or renews the one of the same site, owner and reason. It
// returns when the hold would survive a loss of power.
func (d Dir) Pause(h policy.Hold, length detect.Span) (policy.Hold, error) {
	if err := sound(&h, length); err != nil {
		return policy.Hold{}, fmt.Errorf("cannot pause: %w", err)
	}
	now := d.now()
	r := record{Site: h.Site, Owner: h.Owner, Reason: h.Reason, Since: now.at, Until: now.at.Add(length), Boot: now.boot}
	if r.Boot != "" {
		r.Uptime = now.uptime + length
	}
	if err := d.make(); err != nil {
		return policy.Hold{}, fmt.Errorf("cannot pause: %w", err)
	}
	if err := d.write(r); err != nil {
		return policy.Hold{}, fmt.Errorf("cannot pause: %w", err)
	}
	out, _ := r.at(now)
	return out, nil
}

func sound(h *policy.Hold, length detect.Span) error {
	if h.Reason == "" {
		h.Reason = noReason
	}
	h.Owner, h.Reason = detect.Clean(h.Owner), detect.Clean(h.Reason)
	switch {
	case h.Owner == "":
		return errors.New("nobody is named as the owner")
	case utf8.RuneCountInString(h.Owner) > textMax, utf8.RuneCountInString(h.Reason) > textMax:
		return fmt.Errorf("the owner and the reason may be %d characters long", textMax)
	case length <= 0 || length > Longest:
		return fmt.Errorf("a hold of %s is not possible: write a length of up to %s", length, Longest)
	}
	return nil
}

// Which says whose holds are meant. Empty fields mean any.
type Which struct{ Site, Owner, Reason string }

func (w Which) means(h policy.Hold) bool {
	return (w.Site == "" || w.Site == h.Site) && (w.Owner == "" || w.Owner == h.Owner) && (w.Reason == "" || w.Reason == h.Reason)
}

// Resume lifts the holds that are meant, and clears away those that are over. It gives what it
// lifted, and what still stands.
func (d Dir) Resume(w Which) (lifted, stay []policy.Hold, err error) {
	files, err := d.files()
	if err != nil {
		return nil, nil, fmt.Errorf("cannot resume: %w", err)
	}
	var errs []error
	for _, f := range files {
		switch {
		case f.err != nil:
			stay = append(stay, unread(f.err))
			continue
		case f.stands && !w.means(f.hold):
			stay = append(stay, f.hold)
			continue
		}
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs, stay = append(errs, fmt.Errorf("cannot resume: %w", err)), append(stay, f.hold)
		} else if f.stands {
			lifted = append(lifted, f.hold)
		}
	}
	if len(files) > 0 {
		errs = append(errs, durable.Sync(d.path))
	}
	return lifted, stay, errors.Join(errs...)
}

// make makes the directory, readable for the agent's user, and refuses one that others write.
func (d Dir) make() error {
	if os.Geteuid() != d.owner {
		return errors.New(ownerMakes)
	}
	err := os.Mkdir(d.path, 0o755)
	switch {
	case err == nil:
		return os.Chmod(d.path, 0o755) // whatever the umask said
	case errors.Is(err, fs.ErrExist):
		return d.trusted()
	}
	return err
}

// write puts the file in place so that a crash leaves the old one or the new one.
func (d Dir) write(r record) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return durable.Replace(filepath.Join(d.path, r.name()), append(data, '\n'), 0o644)
}
