package command

// bounded keeps the first limit bytes and swallows the rest: the child must not block on a full
// pipe, nor fail with EPIPE half-way.
type bounded struct {
	limit   int
	kept    []byte
	dropped bool
}

func (b *bounded) Write(p []byte) (int, error) {
	room := min(len(p), b.limit-len(b.kept))
	b.kept = append(b.kept, p[:room]...)
	b.dropped = b.dropped || room < len(p)
	return len(p), nil
}
