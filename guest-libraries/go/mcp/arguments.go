package mcp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// argumentsSchema returns the schema of the arguments, which are an object.
func argumentsSchema(goType reflect.Type) (json.RawMessage, error) {
	switch {
	case goType.Kind() == reflect.Struct || goType.Kind() == reflect.Map:
	case goType.Kind() == reflect.Interface || goType == reflect.TypeFor[json.RawMessage]():
		return json.RawMessage(`{"type":"object"}`), nil
	default:
		return nil, fmt.Errorf("expected a struct with a field for each argument, found %v", goType)
	}
	schema, err := schemaOf(goType, input)
	if err != nil {
		return nil, err
	}
	return marshal(schema)
}

// decode reads arguments into a struct or a map, after the defaults of its tags.
func decode(arguments json.RawMessage, target any) error {
	if value := reflect.ValueOf(target).Elem(); value.Kind() == reflect.Struct {
		if err := setDefaults(value); err != nil {
			return err
		}
	}
	if len(arguments) == 0 {
		arguments = json.RawMessage("{}")
	}
	err := unmarshal(arguments, target)
	if err == nil {
		return nil
	}
	// To JSON Schema, 1.0 is an integer; to encoding/json, it is not.
	if rewritten, changed := withIntegers(arguments); changed {
		return unmarshal(rewritten, target)
	}
	return err
}

// unmarshal reads JSON, and keeps the text of numbers where the target has no type for them.
func unmarshal(text json.RawMessage, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return decoder.Decode(target)
}

// withIntegers writes whole numbers without a fraction or an exponent, and returns whether there were any.
func withIntegers(text json.RawMessage) (json.RawMessage, bool) {
	var value any
	if unmarshal(text, &value) != nil {
		return nil, false
	}
	changed := false
	var rewrite func(any) any
	rewrite = func(value any) any {
		switch value := value.(type) {
		case json.Number:
			number, err := value.Float64()
			if err == nil && strings.ContainsAny(string(value), ".eE") && number == math.Trunc(number) && math.Abs(number) < 1<<53 {
				changed = true
				return json.Number(strconv.FormatFloat(number, 'f', 0, 64))
			}
		case []any:
			for index := range value {
				value[index] = rewrite(value[index])
			}
		case map[string]any:
			for name := range value {
				value[name] = rewrite(value[name])
			}
		}
		return value
	}
	written, err := marshal(rewrite(value))
	return written, changed && err == nil
}
