package detect

// Moment is a time on two clocks: the one that can be set, and the time since boot, suspended time
// included, which cannot.
type Moment struct {
	At     Time
	Boot   string // names the boot; "" where it is not known
	Uptime Span
}

// Since is how long ago then was: by the time since boot where both are of one boot, whatever the
// clock did meanwhile; else by the clock. What lies ahead is 0: it ages from now on.
func (m Moment) Since(then Moment) Span {
	if m.Boot != "" && m.Boot == then.Boot {
		return Time(m.Uptime).Since(Time(then.Uptime))
	}
	return m.At.Since(then.At)
}

// Since is how long before t then was, 0 where it lies ahead; it never wraps.
func (t Time) Since(then Time) Span {
	switch d := t.Sub(then); {
	case then >= t:
		return 0
	case d > 0:
		return d
	}
	return Forever
}
