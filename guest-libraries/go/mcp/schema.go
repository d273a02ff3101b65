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
	isNamed    bool // By its tag.
	isRequired bool
	tag        reflect.StructTag
	index      []int
}

// fieldsOf returns the fields of a struct as encoding/json sees them.
func fieldsOf(goType reflect.Type) ([]field, error) {
	all, err := promotedFields(goType, nil)
	if err != nil {
		return nil, err
	}
	var fields []field
	for _, one := range all {
		if one.dominates(all) {
			fields = append(fields, one)
		}
	}
	return fields, nil
}

// dominates returns whether a field is the one in the JSON that has its name: the least deeply embedded one, and of
// several such fields the one that has the name by its tag. Where that leaves several, none is in the JSON.
func (f field) dominates(all []field) bool {
	for _, other := range all {
		isOther := !slices.Equal(other.index, f.index)
		isDeeper := len(other.index) > len(f.index)
		isWeaker := len(other.index) == len(f.index) && f.isNamed && !other.isNamed
		if isOther && other.name == f.name && !isDeeper && !isWeaker {
			return false
		}
	}
	return true
}

// promotedFields returns the fields of a struct and of those that are embedded in it, at an index.
func promotedFields(goType reflect.Type, index []int) ([]field, error) {
	var fields []field
	for position := range goType.NumField() {
		one := goType.Field(position)
		name, options, _ := strings.Cut(one.Tag.Get("json"), ",")
		isStruct := one.Type.Kind() == reflect.Struct
		isPointer := one.Type.Kind() == reflect.Pointer && one.Type.Elem().Kind() == reflect.Struct
		path := append(slices.Clip(index), position)
		switch {
		case one.Tag.Get("json") == "-":
			continue
		case one.Anonymous && name == "" && isStruct:
			promoted, err := promotedFields(one.Type, path)
			if err != nil {
				return nil, err
			}
			fields = append(fields, promoted...)
			continue
		case one.Anonymous && name == "" && isPointer:
			return nil, fmt.Errorf("field %s: an embedded pointer is not supported: embed the struct, or name the field with the tag json", one.Name)
		case one.Anonymous && !one.IsExported() && (isStruct || isPointer):
			return nil, fmt.Errorf("field %s: only an exported type can be embedded with a name", one.Name)
		case !one.IsExported():
			continue
		}
		isNamed := name != ""
		if !isNamed {
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
			isNamed:    isNamed,
			isRequired: !slices.Contains(choices, "omitempty") && !slices.Contains(choices, "omitzero") && !hasDefault,
			tag:        one.Tag,
			index:      path,
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
			values = append(values, value.Interface())
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
		schema.set("default", value.Interface())
	}
	return nil
}

// value reads a value of the field's type from a tag: text as it is, other values as JSON.
func (f field) value(tag string) (reflect.Value, error) {
	goType := f.goType
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	value := reflect.New(goType).Elem()
	admitsNull := slices.Contains([]reflect.Kind{reflect.Interface, reflect.Map, reflect.Slice}, goType.Kind())
	switch {
	case goType.Kind() == reflect.String:
		value.SetString(tag)
	case strings.TrimSpace(tag) == "null" && !admitsNull, json.Unmarshal([]byte(tag), value.Addr().Interface()) != nil:
		return value, fmt.Errorf("expected a value of type %v, found %q", goType, tag)
	}
	return value, nil
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
			value = value.Addr()
		}
		target.FieldByIndex(field.index).Set(value)
	}
	return nil
}
