// Package wit_types has the types of WIT that Go lacks, with the methods that generated bindings call.
package wit_types

// The tags of an option and of a result.
const (
	OptionNone = 0
	OptionSome = 1
	ResultOk   = 0
	ResultErr  = 1
)

// An Option is a value or nothing, which is its zero value.
type Option[T any] struct {
	tag   uint8
	value T
}

// None returns an option without a value.
func None[T any]() Option[T] {
	return Option[T]{}
}

// Some returns an option with a value.
func Some[T any](value T) Option[T] {
	return Option[T]{OptionSome, value}
}

// Tag returns OptionNone or OptionSome.
func (o Option[T]) Tag() uint8 {
	return o.tag
}

// Some returns the value, and panics where there is none.
func (o Option[T]) Some() T {
	if o.tag != OptionSome {
		panic("the option has no value")
	}
	return o.value
}

// SomeOr returns the value, or another where there is none.
func (o Option[T]) SomeOr(other T) T {
	if o.tag != OptionSome {
		return other
	}
	return o.value
}

// IsSome returns whether there is a value.
func (o Option[T]) IsSome() bool {
	return o.tag == OptionSome
}

// IsNone returns whether there is no value.
func (o Option[T]) IsNone() bool {
	return o.tag == OptionNone
}

// A Result is the result of a function, or its error.
type Result[T, E any] struct {
	tag   uint8
	value any
}

// Ok returns a result that is no error.
func Ok[T, E any](value T) Result[T, E] {
	return Result[T, E]{ResultOk, value}
}

// Err returns a result that is an error.
func Err[T, E any](err E) Result[T, E] {
	return Result[T, E]{ResultErr, err}
}

// Tag returns ResultOk or ResultErr.
func (r Result[T, E]) Tag() uint8 {
	return r.tag
}

// Ok returns the result of the function, and panics where there is an error.
func (r Result[T, E]) Ok() T {
	if r.tag != ResultOk {
		panic("the result is an error")
	}
	return r.value.(T)
}

// Err returns the error, and panics where there is none.
func (r Result[T, E]) Err() E {
	if r.tag != ResultErr {
		panic("the result is no error")
	}
	return r.value.(E)
}

// IsOk returns whether there is no error.
func (r Result[T, E]) IsOk() bool {
	return r.tag == ResultOk
}

// IsErr returns whether there is an error.
func (r Result[T, E]) IsErr() bool {
	return r.tag == ResultErr
}

// Unit is the type without values of interest.
type Unit struct{}

// Tuple2 is a pair.
type Tuple2[A, B any] struct {
	F0 A
	F1 B
}
