package unit

import (
	"context"
	"math"

	"github.com/gatemend/gatemend/detect"
	"github.com/godbus/dbus/v5"
)

// properties are what systemd answers of one interface. A property that is absent or of another type
// (versions differ) reads as its zero value.
type properties map[string]dbus.Variant

func (b *Bus) properties(ctx context.Context, name, kind string) (properties, error) {
	var p properties
	err := b.call(ctx, pathOf(name), getAll, []any{service + "." + kind}, &p)
	return p, err
}

func get[T any](p properties, name string) T {
	v, _ := p[name].Value().(T)
	return v
}

func (p properties) text(name string) string    { return get[string](p, name) }
func (p properties) texts(name string) []string { return get[[]string](p, name) }
func (p properties) yes(name string) bool       { return get[bool](p, name) }

// number reads any of D-Bus's integers; unset is 2^64-1 or 2^32-1 there, and -1 here.
func (p properties) number(name string) int64 {
	switch v := p[name].Value().(type) {
	case uint64:
		if v > math.MaxInt64 {
			return -1
		}
		return int64(v)
	case uint32:
		if v == math.MaxUint32 {
			return -1
		}
		return int64(v)
	case int32:
		return int64(v)
	case int64:
		return v
	}
	return 0
}

func (p properties) small(name string) int { return int(p.number(name)) }

// limit reads a size; infinity is 0, "no limit".
func (p properties) limit(name string) int64 { return max(p.number(name), 0) }

func (p properties) span(name string) detect.Span {
	if n := p.number(name); n >= 0 {
		return detect.Span(n)
	}
	return detect.Forever
}

// pair is D-Bus's (ss): LoadError, Listen.
type pair struct{ A, B string }

func (p properties) pair(name string) (v pair) {
	_ = store(p[name], &v)
	return v
}

func (p properties) pairs(name string) (v []pair) {
	_ = store(p[name], &v)
	return v
}

// store decodes a structure; an absent property leaves it zero.
func store(v dbus.Variant, into any) error {
	if v.Value() == nil {
		return nil
	}
	return v.Store(into)
}
