package mcp

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	elicitation "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_elicitation"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// ElicitParams are a question to the client's user.
type ElicitParams struct {
	Message string
	// RequestedSchema replaces the form that Elicit derives of a struct: a JSON Schema of one object.
	RequestedSchema json.RawMessage
	Meta            json.RawMessage
	Extra           json.RawMessage
}

func (p *ElicitParams) record(schema *form) (content.ElicitParams, error) {
	requested, err := schema.record()
	return content.ElicitParams{
		Message: valid(p.Message), RequestedSchema: requested, Meta: text(p.Meta), Extra: text(p.Extra),
	}, err
}

// An ElicitAction is what the user did with a form.
type ElicitAction string

// The actions, in the order in which the interface numbers them.
const (
	ElicitAccept  ElicitAction = "accept"
	ElicitDecline ElicitAction = "decline"
	ElicitCancel  ElicitAction = "cancel"
)

var elicitActions = [...]ElicitAction{ElicitAccept, ElicitDecline, ElicitCancel}

// An ElicitResult is the user's answer to a form.
type ElicitResult[Form any] struct {
	Action ElicitAction
	// Content has the values of the form, where the action is ElicitAccept. It is nil otherwise.
	Content *Form
	Meta    json.RawMessage
	Extra   json.RawMessage
}

// Elicit asks the client's user to fill in a form.
//
// Form is a struct whose fields are texts, numbers and truth values, with the tags that AddTool describes; a field
// with omitempty may be left out. enumNames are the names of the values of enum. Form is a map or json.RawMessage
// where the parameters have a schema.
//
// What does not fit the form is a *RequestError, as a refusal of the client is.
func Elicit[Form any](ctx *Context, params *ElicitParams) (*ElicitResult[Form], error) {
	schema, err := formOf(reflect.TypeFor[Form](), params.RequestedSchema)
	if err != nil {
		return nil, err
	}
	question, err := params.record(schema)
	if err != nil {
		return nil, err
	}
	record, err := finished(elicitation.Elicit(ctx.request, question))
	if err != nil {
		return nil, err
	}
	result := &ElicitResult[Form]{
		Action: elicitActions[record.Action], Meta: jsonOf(record.Meta), Extra: jsonOf(record.Extra),
	}
	if record.Content.IsSome() {
		result.Content = new(Form)
		if err := schema.read(record.Content.Some(), result.Content); err != nil {
			return nil, &RequestError{CodeInternalError, "the client's answer does not fit the form: " + err.Error(), nil}
		}
	}
	return result, nil
}

// A form is a JSON Schema of one object, whose properties are fields of a form.
type form struct {
	properties object
	required   []string
	further    object
}

func formOf(goType reflect.Type, schema json.RawMessage) (*form, error) {
	if schema == nil {
		if goType.Kind() != reflect.Struct {
			return nil, fmt.Errorf("the form %v: expected a struct, or a schema in the parameters", goType)
		}
		derived, err := schemaOf(goType, input)
		if err == nil {
			schema, err = marshal(derived)
		}
		if err != nil {
			return nil, fmt.Errorf("the form %v: %w", goType, err)
		}
	}
	schema = json.RawMessage(valid(string(schema))) // All texts of the form come from here.
	var members object
	if err := json.Unmarshal(schema, &members); err != nil {
		return nil, fmt.Errorf("the form: %w", err)
	}
	form := &form{}
	for _, member := range members {
		var err error
		switch member.name {
		case "type":
		case "properties":
			err = json.Unmarshal(member.value.(json.RawMessage), &form.properties)
		case "required":
			err = json.Unmarshal(member.value.(json.RawMessage), &form.required)
		default:
			form.further.set(member.name, member.value)
		}
		if err != nil {
			return nil, fmt.Errorf("the form: %w", err)
		}
	}
	return form, nil
}

func (f *form) record() (content.RequestedSchema, error) {
	record := content.RequestedSchema{
		Properties: []wit.Tuple2[string, content.PrimitiveSchema]{}, Required: slice(f.required),
	}
	for _, property := range f.properties {
		schema, err := primitive(property.value.(json.RawMessage))
		if err != nil {
			return record, fmt.Errorf("the field %s of the form: %w", property.name, err)
		}
		record.Properties = append(record.Properties, wit.Tuple2[string, content.PrimitiveSchema]{F0: property.name, F1: schema})
	}
	var err error
	record.Extra, err = extra(f.further)
	return record, err
}

// extra returns members that a record does not name as one JSON object.
func extra(members object) (wit.Option[string], error) {
	if len(members) == 0 {
		return wit.None[string](), nil
	}
	written, err := marshal(members)
	return text(written), err
}

// The formats of texts, in the order in which the interface numbers them.
var stringFormats = []string{"email", "uri", "date", "date-time"}

// A fieldSchema has the members that the interface names of the schema of a field.
type fieldSchema struct {
	Type        any
	Title       *string
	Description *string
	MinLength   *uint32
	MaxLength   *uint32
	Format      *string
	Minimum     *float64
	Maximum     *float64
	Default     json.RawMessage
	Enum        []string
	EnumNames   []string
}

// primitive makes the schema of a field, where the interface has a case for it; else it passes the schema on.
func primitive(schema json.RawMessage) (content.PrimitiveSchema, error) {
	other := content.MakePrimitiveSchemaOther(string(schema))
	var members object
	var known fieldSchema
	if json.Unmarshal(schema, &members) != nil || json.Unmarshal(schema, &known) != nil {
		return other, nil
	}
	// further returns the members that a case does not name.
	further := func(names ...string) (wit.Option[string], error) {
		return extra(slices.DeleteFunc(slices.Clone(members), func(member member) bool {
			return member.name == "type" || member.name == "title" || member.name == "description" ||
				slices.Contains(names, member.name)
		}))
	}
	// A pointer is an optional field: forms leave a value out instead of sending null.
	if choices, ok := known.Type.([]any); ok && len(choices) == 2 && choices[1] == "null" {
		known.Type = choices[0]
	}
	title, description := pointed(known.Title), pointed(known.Description)
	switch known.Type {
	case "string":
		if known.Enum != nil {
			rest, err := further("enum", "enumNames")
			return content.MakePrimitiveSchemaEnumeration(content.EnumSchema{
				Title: title, Description: description, Enum: known.Enum, EnumNames: slice(known.EnumNames), Extra: rest,
			}), err
		}
		format := wit.None[content.StringFormat]()
		if known.Format != nil {
			number := slices.Index(stringFormats, *known.Format)
			if number < 0 {
				return other, fmt.Errorf("unknown format %q: expected one of %s", *known.Format, strings.Join(stringFormats, ", "))
			}
			format = wit.Some(content.StringFormat(number))
		}
		rest, err := further("minLength", "maxLength", "format")
		return content.MakePrimitiveSchemaText(content.StringSchema{
			Title: title, Description: description, MinLength: pointed(known.MinLength), MaxLength: pointed(known.MaxLength),
			Format: format, Extra: rest,
		}), err
	case "number", "integer":
		kind := content.NumberTypeNumber
		if known.Type == "integer" {
			kind = content.NumberTypeInteger
		}
		rest, err := further("minimum", "maximum")
		return content.MakePrimitiveSchemaNumber(content.NumberSchema{
			Type: kind, Title: title, Description: description, Minimum: pointed(known.Minimum), Maximum: pointed(known.Maximum),
			Extra: rest,
		}), err
	case "boolean":
		preset := wit.None[bool]()
		if known.Default != nil {
			preset = wit.Some(string(known.Default) == "true")
		}
		rest, err := further("default")
		return content.MakePrimitiveSchemaBoolean(content.BooleanSchema{
			Title: title, Description: description, Default: preset, Extra: rest,
		}), err
	case "object", "array":
		return other, fmt.Errorf("a form has texts, numbers and truth values, but no %v", known.Type)
	}
	return other, nil
}

// read fills a struct or a map with the values of a form, and checks that they fit.
func (f *form) read(values []wit.Tuple2[string, content.ElicitValue], target any) error {
	given := object{}
	for _, value := range values {
		given.set(value.F0, jsonValue(value.F1))
	}
	for _, name := range f.required {
		if _, exists := given.get(name); !exists {
			return fmt.Errorf("%s is missing", name)
		}
	}
	for _, property := range f.properties {
		value, exists := given.get(property.name)
		if !exists {
			continue
		}
		var schema fieldSchema
		if json.Unmarshal(property.value.(json.RawMessage), &schema) != nil {
			continue // A schema of the author's own: the author checks the value.
		}
		var decoded any
		if err := json.Unmarshal(value.(json.RawMessage), &decoded); err != nil {
			return fmt.Errorf("%s: %w", property.name, err)
		}
		if err := schema.check(decoded); err != nil {
			return fmt.Errorf("%s: %w", property.name, err)
		}
	}
	written, err := marshal(given)
	if err != nil {
		return err
	}
	return decode(written, target)
}

func jsonValue(value content.ElicitValue) json.RawMessage {
	switch value.Tag() {
	case content.ElicitValueText:
		text, _ := marshal(value.Text())
		return text
	case content.ElicitValueNumber:
		return json.RawMessage(strconv.FormatFloat(value.Number(), 'f', -1, 64))
	case content.ElicitValueBoolean:
		return json.RawMessage(strconv.FormatBool(value.Boolean()))
	}
	return json.RawMessage(value.Other())
}

// check returns how a value breaks the limits of its field. Its type is checked where it is read.
func (s *fieldSchema) check(value any) error {
	switch value := value.(type) {
	case string:
		length := uint32(len([]rune(value)))
		switch {
		case s.Enum != nil && !slices.Contains(s.Enum, value):
			return fmt.Errorf("expected one of %s, found %q", strings.Join(s.Enum, ", "), value)
		case s.MinLength != nil && length < *s.MinLength:
			return fmt.Errorf("expected at least %d characters, found %d", *s.MinLength, length)
		case s.MaxLength != nil && length > *s.MaxLength:
			return fmt.Errorf("expected at most %d characters, found %d", *s.MaxLength, length)
		}
	case float64:
		switch {
		case s.Minimum != nil && value < *s.Minimum:
			return fmt.Errorf("expected at least %v, found %v", *s.Minimum, value)
		case s.Maximum != nil && value > *s.Maximum:
			return fmt.Errorf("expected at most %v, found %v", *s.Maximum, value)
		}
	}
	return nil
}
