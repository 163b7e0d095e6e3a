package detect

// Stranger is the listener that takes the route's requests though it is no process of the
// route's unit,. On TCP whoever bound first keeps the
// port; on a unix path whoever bound last has it, without an error on either side, and the
// unit goes on listening on a socket that no path leads to.
//
// False where the unit takes requests too (SO_REUSEPORT), and where it is not known who
// listens or where the path leads.
func Stranger(listeners []Listener) (Listener, bool) {
	var strange Listener
	found := false
	for _, l := range listeners {
		reached := l.Ours && (!l.Target.IsUnix() || l.SameFile == "yes")
		switch {
		case !reached:
		case l.InUnit:
			return Listener{}, false
		case len(l.Owners) > 0 && !found:
			strange, found = l, true
		}
	}
	return strange, found
}
