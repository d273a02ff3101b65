package mcp

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
)

// The direction of a value decides what a Go type admits: encoding/json writes null for a nil slice.
type direction int

const (
	input direction = iota
	output
)

var (
	typeOfTime      = reflect.TypeFor[time.Time]()
	typeOfNumber    = reflect.TypeFor[json.Number]()
	typeOfMarshaler = reflect.TypeFor[json.Marshaler]()
	typeOfText      = reflect.TypeFor[encoding.TextMarshaler]()
)

// schemaOf derives the JSON Schema of a Go type, as encoding/json reads and writes it.
func schemaOf(goType reflect.Type, to direction) (object, error) {
	return deriver{to, nil}.schema(goType)
}

// A deriver knows the structs that it is in, to refuse those that hold themselves.
type deriver struct {
	to   direction
	path []reflect.Type
}

func (d deriver) schema(goType reflect.Type) (object, error) {
	switch {
	case goType == typeOfTime:
		return object{{"type", "string"}, {"format", "date-time"}}, nil
	case goType == typeOfNumber:
		return object{{"type", "number"}}, nil
	case goType.Kind() != reflect.Pointer && implements(goType, typeOfMarshaler):
		return object{}, nil
	case goType.Kind() != reflect.Pointer && implements(goType, typeOfText):
		return object{{"type", "string"}}, nil
	}
	switch goType.Kind() {
	case reflect.Bool:
		return object{{"type", "boolean"}}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return integers(goType, goType.Bits() < 64, -math.Ldexp(1, goType.Bits()-1), math.Ldexp(1, goType.Bits()-1)-1), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return integers(goType, goType.Bits() < 64, 0, math.Ldexp(1, goType.Bits())-1), nil
	case reflect.Float32, reflect.Float64:
		return object{{"type", "number"}}, nil
	case reflect.String:
		return object{{"type", "string"}}, nil
	case reflect.Interface:
		return object{}, nil
	case reflect.Pointer:
		schema, err := d.schema(goType.Elem())
		return nullable(schema), err
	case reflect.Slice:
		if goType.Elem().Kind() == reflect.Uint8 {
			return d.nilable(object{{"type", "string"}, {"contentEncoding", "base64"}}), nil
		}
		items, err := d.schema(goType.Elem())
		return d.nilable(object{{"type", "array"}, {"items", items}}), err
	case reflect.Array:
		items, err := d.schema(goType.Elem())
		return object{{"type", "array"}, {"items", items}, {"minItems", goType.Len()}, {"maxItems", goType.Len()}}, err
	case reflect.Map:
		if goType.Key().Kind() != reflect.String {
			return nil, fmt.Errorf("%v has no JSON Schema: expected keys of type string", goType)
		}
		values, err := d.schema(goType.Elem())
		return d.nilable(object{{"type", "object"}, {"additionalProperties", values}}), err
	case reflect.Struct:
		return d.structSchema(goType)
	default:
		return nil, fmt.Errorf("%v has no JSON Schema: JSON has no %v", goType, goType.Kind())
	}
}

// integers returns the schema of whole numbers, with the limits of a type that is smaller than 64 bits.
func integers(goType reflect.Type, isSmall bool, minimum, maximum float64) object {
	schema := object{{"type", "integer"}}
	if isSmall || minimum == 0 {
		schema.set("minimum", minimum)
	}
	if isSmall {
		schema.set("maximum", maximum)
	}
	return schema
}

func implements(goType, interfaceType reflect.Type) bool {
	return goType.Implements(interfaceType) || reflect.PointerTo(goType).Implements(interfaceType)
}

// nilable admits null where encoding/json writes it for a nil slice or map.
func (d deriver) nilable(schema object) object {
	if d.to == output {
		return nullable(schema)
	}
	return schema
}

func nullable(schema object) object {
	if name, ok := schema.get("type"); ok {
		if _, isOne := name.(string); isOne {
			schema.set("type", []any{name, "null"})
		}
	}
	return schema
}

func (d deriver) structSchema(goType reflect.Type) (object, error) {
	if slices.Contains(d.path, goType) {
		return nil, fmt.Errorf("%v holds itself: set the schema by hand", goType)
	}
	d.path = append(slices.Clip(d.path), goType)
	fields, err := fieldsOf(goType)
	if err != nil {
		return nil, err
	}
	properties, required := object{}, []string{}
	for _, field := range fields {
		schema, err := d.schema(field.goType)
		if err == nil {
			err = field.describe(&schema)
		}
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", field.goName, err)
		}
		properties.set(field.name, schema)
		if field.isRequired {
			required = append(required, field.name)
		}
	}
	schema := object{{"type", "object"}, {"properties", properties}}
	if len(required) > 0 {
		schema.set("required", required)
	}
	return schema, nil
}

// A field is a member of a struct's JSON.
type field struct {
	goName     string
	goType     reflect.Type
	name       string
	isRequired bool
	tag        reflect.StructTag
	index      []int
}

// fieldsOf returns the fields of a struct as encoding/json sees them.
func fieldsOf(goType reflect.Type) ([]field, error) {
	var fields []field
	for _, one := range reflect.VisibleFields(goType) {
		name, options, _ := strings.Cut(one.Tag.Get("json"), ",")
		if !one.IsExported() || name == "-" && options == "" {
			continue
		}
		if one.Anonymous && name == "" && one.Type.Kind() == reflect.Struct {
			continue // Its fields are visible themselves.
		}
		if name == "" {
			name = one.Name
		}
		choices := strings.Split(options, ",")
		if slices.Contains(choices, "string") {
			return nil, fmt.Errorf("field %s: the option string of its json tag is not supported", one.Name)
		}
		_, hasDefault := one.Tag.Lookup("default")
		fields = append(fields, field{
			goName:     one.Name,
			goType:     one.Type,
			name:       name,
			isRequired: !slices.Contains(choices, "omitempty") && !slices.Contains(choices, "omitzero") && !hasDefault,
			tag:        one.Tag,
			index:      one.Index,
		})
	}
	return fields, nil
}

// Struct tags that are members of the schema, with what they hold.
var keywords = []struct {
	name   string
	isText bool
}{
	{"title", true}, {"format", true}, {"pattern", true},
	{"minimum", false}, {"maximum", false}, {"exclusiveMinimum", false}, {"exclusiveMaximum", false},
	{"multipleOf", false}, {"minLength", false}, {"maxLength", false}, {"minItems", false}, {"maxItems", false},
	{"uniqueItems", false},
}

// describe adds what the tags of a field say.
func (f field) describe(schema *object) error {
	if description, ok := f.tag.Lookup("jsonschema"); ok {
		schema.set("description", description)
	}
	for _, keyword := range keywords {
		value, ok := f.tag.Lookup(keyword.name)
		switch {
		case !ok:
		case keyword.isText:
			schema.set(keyword.name, value)
		case json.Valid([]byte(value)):
			schema.set(keyword.name, json.RawMessage(value))
		default:
			return fmt.Errorf("tag %s: expected a number, found %q", keyword.name, value)
		}
	}
	if choices, ok := f.tag.Lookup("enum"); ok {
		values := []any{}
		for choice := range strings.SplitSeq(choices, ",") {
			value, err := f.value(choice)
			if err != nil {
				return fmt.Errorf("tag enum: %w", err)
			}
			values = append(values, value)
		}
		if f.goType.Kind() == reflect.Pointer {
			values = append(values, nil)
		}
		schema.set("enum", values)
	}
	if names, ok := f.tag.Lookup("enumNames"); ok {
		schema.set("enumNames", strings.Split(names, ","))
	}
	if preset, ok := f.tag.Lookup("default"); ok {
		value, err := f.value(preset)
		if err != nil {
			return fmt.Errorf("tag default: %w", err)
		}
		schema.set("default", value)
	}
	return nil
}

// value reads a value of the field's type from a tag: text as it is, other values as JSON.
func (f field) value(tag string) (any, error) {
	goType := f.goType
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	value := reflect.New(goType)
	if goType.Kind() == reflect.String {
		value.Elem().SetString(tag)
	} else if err := json.Unmarshal([]byte(tag), value.Interface()); err != nil {
		return nil, fmt.Errorf("expected a value of type %v, found %q", goType, tag)
	}
	return value.Elem().Interface(), nil
}

// setDefaults sets the fields of a struct whose tag has a default.
func setDefaults(target reflect.Value) error {
	fields, err := fieldsOf(target.Type())
	if err != nil {
		return err
	}
	for _, field := range fields {
		preset, ok := field.tag.Lookup("default")
		if !ok {
			continue
		}
		value, err := field.value(preset)
		if err != nil {
			return err
		}
		if field.goType.Kind() == reflect.Pointer {
			pointer := reflect.New(field.goType.Elem())
			pointer.Elem().Set(reflect.ValueOf(value))
			target.FieldByIndex(field.index).Set(pointer)
		} else {
			target.FieldByIndex(field.index).Set(reflect.ValueOf(value))
		}
	}
	return nil
}
