package baseline

import "github.com/gatemend/gatemend/detect"

// Boot names the present boot and gives the time since, which cannot be set; "" where it cannot be read.
type Boot func() (id string, uptime detect.Span)

// slewed is what the clock may differ by though nobody set it.
const slewed = detect.Span(2_000_000)

// date says when the route was seen healthy by the clock as it is set now, as systemd says when a unit was
// started: of a unit that started since, the baseline must not show an answer, whatever the clock did.
func (s *stored) date(now func() detect.Time, boot Boot) {
	id, uptime := boot()
	if s.Boot == "" || id == "" {
		return
	}
	b, present := &s.Baseline, detect.Moment{At: now(), Boot: id, Uptime: uptime}
	if s.Boot != id { // nothing of this boot was up by then
		b.At = min(b.At, present.At.Add(-uptime))
		return
	}
	at := present.At.Add(-present.Since(detect.Moment{At: b.At, Boot: s.Boot, Uptime: s.Uptime}))
	if by := at.Sub(b.At); by > slewed || by < -slewed {
		b.At = at
	}
}
