package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
)

// A valueSchema has the members of a JSON Schema that are checked where no host has done so: those of the schemas that
// are derived of Go types, except for the tags pattern, format, multipleOf and uniqueItems.
type valueSchema struct {
	fieldSchema
	Enum                 []any // In place of the texts of a form.
	ExclusiveMinimum     *float64
	ExclusiveMaximum     *float64
	MinItems             *int
	MaxItems             *int
	Items                *valueSchema
	Required             []string
	Properties           map[string]*valueSchema
	PatternProperties    json.RawMessage
	AdditionalProperties *valueSchema
	isFalse              bool // It admits no value.
}

// UnmarshalJSON reads a schema. A member of another form than derived schemas have is left out, and so not checked.
func (s *valueSchema) UnmarshalJSON(text []byte) error {
	s.isFalse = string(text) == "false"
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members) // It may be true, or of another form.
	for name, value := range members {
		member, err := marshal(map[string]json.RawMessage{name: value})
		if err != nil {
			return err
		}
		type withoutMethods valueSchema
		read := withoutMethods(*s)
		if json.Unmarshal(member, &read) == nil {
			*s = valueSchema(read)
		}
	}
	return nil
}

// check returns how a value breaks the schema. The value is one that encoding/json has decoded into any.
func (s *valueSchema) check(value any) error {
	if s.isFalse {
		return errors.New("unknown member")
	}
	if names := s.types(); names != nil && !slices.ContainsFunc(names, func(name string) bool { return isOfType(value, name) }) {
		return fmt.Errorf("expected a value of type %s, found %s", strings.Join(names, " or "), shown(value))
	}
	if s.Enum != nil && !slices.ContainsFunc(s.Enum, func(choice any) bool { return reflect.DeepEqual(choice, value) }) {
		return fmt.Errorf("expected one of %s, found %s", shown(s.Enum), shown(value))
	}
	switch value := value.(type) {
	case float64:
		switch {
		case s.ExclusiveMinimum != nil && value <= *s.ExclusiveMinimum:
			return fmt.Errorf("expected more than %v, found %v", *s.ExclusiveMinimum, value)
		case s.ExclusiveMaximum != nil && value >= *s.ExclusiveMaximum:
			return fmt.Errorf("expected less than %v, found %v", *s.ExclusiveMaximum, value)
		}
	case []any:
		return s.checkItems(value)
	case map[string]any:
		return s.checkMembers(value)
	}
	return s.fieldSchema.check(value)
}

func (s *valueSchema) checkItems(items []any) error {
	switch {
	case s.MinItems != nil && len(items) < *s.MinItems:
		return fmt.Errorf("expected at least %d items, found %d", *s.MinItems, len(items))
	case s.MaxItems != nil && len(items) > *s.MaxItems:
		return fmt.Errorf("expected at most %d items, found %d", *s.MaxItems, len(items))
	case s.Items == nil:
		return nil
	}
	for index, item := range items {
		if err := s.Items.check(item); err != nil {
			return fmt.Errorf("%d: %w", index, err)
		}
	}
	return nil
}

func (s *valueSchema) checkMembers(members map[string]any) error {
	for _, name := range s.Required {
		if _, exists := members[name]; !exists {
			return fmt.Errorf("%s is missing", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		schema, isNamed := s.Properties[name]
		if !isNamed && s.PatternProperties == nil {
			schema = s.AdditionalProperties
		}
		if schema == nil {
			continue
		}
		if err := schema.check(members[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// types returns the names of the types that a value may have, or nil for any.
func (s *valueSchema) types() []string {
	switch named := s.Type.(type) {
	case string:
		return []string{named}
	case []any:
		return mapped(named, func(name any) string { return fmt.Sprint(name) })
	}
	return nil
}

func isOfType(value any, name string) bool {
	switch value := value.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case float64:
		return name == "number" || name == "integer" && value == math.Trunc(value)
	case string:
		return name == "string"
	case []any:
		return name == "array"
	}
	return name == "object"
}

// shown returns a value as a message shows it.
func shown(value any) string {
	text, _ := marshal(value)
	if len(text) > maximumShown {
		return string(text[:maximumShown]) + "..."
	}
	return string(text)
}

// The octets of a value that a message shows.
const maximumShown = 100
