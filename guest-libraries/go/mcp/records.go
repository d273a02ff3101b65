package mcp

import (
	"encoding/json"
	"strings"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// optional returns nothing for the zero value.
func optional[T comparable](value T) wit.Option[T] {
	var zero T
	if value == zero {
		return wit.None[T]()
	}
	return wit.Some(value)
}

// valid returns a text with U+FFFD in place of octets that are not UTF-8. The host ends an instance that passes them.
func valid(text string) string {
	return strings.ToValidUTF8(text, "\uFFFD")
}

// optionalText returns nothing for an empty text, and valid text otherwise.
func optionalText(text string) wit.Option[string] {
	return optional(valid(text))
}

// pointed returns what a pointer leads to, and nothing for nil.
func pointed[T any](pointer *T) wit.Option[T] {
	if pointer == nil {
		return wit.None[T]()
	}
	return wit.Some(*pointer)
}

// pointerTo is the opposite of pointed.
func pointerTo[T any](option wit.Option[T]) *T {
	if option.IsNone() {
		return nil
	}
	value := option.Some()
	return &value
}

// text returns JSON as the interface has it; nothing for no JSON.
func text(raw json.RawMessage) wit.Option[string] {
	return optionalText(string(raw))
}

// jsonOf is the opposite of text.
func jsonOf(option wit.Option[string]) json.RawMessage {
	if option.IsNone() {
		return nil
	}
	return json.RawMessage(option.Some())
}

// slice returns nothing for nil. An empty slice is a value.
func slice[T any](values []T) wit.Option[[]T] {
	if values == nil {
		return wit.None[[]T]()
	}
	return wit.Some(values)
}

// mapped returns the results of a function for each value, and nil for nil.
func mapped[T, R any](values []T, function func(T) R) []R {
	if values == nil {
		return nil
	}
	results := make([]R, len(values))
	for index, value := range values {
		results[index] = function(value)
	}
	return results
}

// objects returns JSON values by name; nil for none.
func objects(option wit.Option[[]wit.Tuple2[string, string]]) map[string]json.RawMessage {
	if option.IsNone() {
		return nil
	}
	members := map[string]json.RawMessage{}
	for _, member := range option.Some() {
		members[member.F0] = json.RawMessage(member.F1)
	}
	return members
}

// finished turns a result of the interface into what Go functions return.
func finished[T any](result wit.Result[T, types.Error]) (T, error) {
	if result.IsErr() {
		var zero T
		return zero, requestError(result.Err())
	}
	return result.Ok(), nil
}

// done does the same for a function without a result.
func done(result wit.Result[wit.Unit, types.Error]) error {
	_, err := finished(result)
	return err
}

// A Role is the sender of a message, or the audience of content.
type Role string

// The roles.
const (
	RoleUser      Role = "user"
	RoleAssistant Role = "assistant"
)

func (r Role) record() types.Role {
	if r == RoleAssistant {
		return types.RoleAssistant
	}
	return types.RoleUser
}

func roleOf(record types.Role) Role {
	if record == types.RoleAssistant {
		return RoleAssistant
	}
	return RoleUser
}

// Annotations are hints to the client on how to use or show an item.
type Annotations struct {
	// Audience has the intended readers. An empty slice differs from nil.
	Audience []Role
	// Priority is the importance, from 0 to 1.
	Priority *float64
	// LastModified is a time in ISO 8601, such as 2025-01-12T15:00:58Z.
	LastModified string
}

func (a *Annotations) record() wit.Option[content.Annotations] {
	if a == nil {
		return wit.None[content.Annotations]()
	}
	return wit.Some(content.Annotations{
		Audience:     slice(mapped(a.Audience, Role.record)),
		Priority:     pointed(a.Priority),
		LastModified: optionalText(a.LastModified),
	})
}

func annotationsOf(option wit.Option[content.Annotations]) *Annotations {
	if option.IsNone() {
		return nil
	}
	record := option.Some()
	annotations := &Annotations{
		Priority:     pointerTo(record.Priority),
		LastModified: record.LastModified.SomeOr(""),
	}
	if record.Audience.IsSome() {
		annotations.Audience = mapped(record.Audience.Some(), roleOf)
	}
	return annotations
}

// An Implementation is the name and version of a program that speaks MCP.
type Implementation struct {
	Name    string
	Title   string
	Version string
	// Extra has members that the interface does not name, as one JSON object.
	Extra json.RawMessage
}

func (i *Implementation) record() types.Implementation {
	return types.Implementation{
		Name: valid(i.Name), Title: optionalText(i.Title), Version: valid(i.Version), Extra: text(i.Extra),
	}
}

func implementationOf(option wit.Option[types.Implementation]) *Implementation {
	if option.IsNone() {
		return nil
	}
	record := option.Some()
	return &Implementation{
		Name: record.Name, Title: record.Title.SomeOr(""), Version: record.Version, Extra: jsonOf(record.Extra),
	}
}
