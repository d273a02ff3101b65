package mcp

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// textFields returns the fields of a struct that is filled with texts: the arguments of a prompt, or the variables of
// a template.
func textFields(goType reflect.Type) ([]field, error) {
	if goType.Kind() != reflect.Struct {
		return nil, fmt.Errorf("expected a struct with a field for each argument, found %v", goType)
	}
	fields, err := fieldsOf(goType)
	if err != nil {
		return nil, err
	}
	for _, field := range fields {
		if _, err := schemaOf(field.goType, input); err != nil {
			return nil, fmt.Errorf("field %s: %w", field.goName, err)
		}
		if err := field.describe(&object{}); err != nil {
			return nil, fmt.Errorf("field %s: %w", field.goName, err)
		}
	}
	return fields, nil
}

func hasField(fields []field, name string) bool {
	return slices.ContainsFunc(fields, func(field field) bool { return field.name == name })
}

// readTexts fills a struct with texts: strings as they are, other fields as JSON.
func readTexts(values map[string]string, target any) error {
	structure := reflect.ValueOf(target).Elem()
	if err := setDefaults(structure); err != nil {
		return err
	}
	fields, err := fieldsOf(structure.Type())
	if err != nil {
		return err
	}
	for _, field := range fields {
		value, isGiven := values[field.name]
		if !isGiven {
			if field.isRequired {
				return missingArgument(field.name)
			}
			continue
		}
		if choices := field.choices(); choices != nil && !slices.Contains(choices, value) {
			return InvalidParams("the argument `%s`: expected one of %s, found %q", field.name, strings.Join(choices, ", "), value)
		}
		if err := setText(structure.FieldByIndex(field.index), value); err != nil {
			return InvalidParams("the argument `%s`: expected a value of type %v, found %q", field.name, field.goType, value)
		}
	}
	return nil
}

func missingArgument(name string) *Error {
	return InvalidParams("the argument `%s` is missing", name)
}

func setText(target reflect.Value, text string) error {
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	if target.Kind() == reflect.String {
		target.SetString(text)
		return nil
	}
	return json.Unmarshal([]byte(text), target.Addr().Interface())
}

// choices returns the values of the tag enum, or nil.
func (f field) choices() []string {
	if tag, ok := f.tag.Lookup("enum"); ok {
		return strings.Split(tag, ",")
	}
	return nil
}
