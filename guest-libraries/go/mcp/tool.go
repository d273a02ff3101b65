package mcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// A Tool describes a function that a model can call.
type Tool struct {
	Name        string
	Title       string
	Description string
	// InputSchema replaces the schema that AddTool derives of the type of the arguments.
	InputSchema json.RawMessage
	// OutputSchema replaces the schema that AddTool derives of the type of the result.
	OutputSchema json.RawMessage
	Annotations  *ToolAnnotations
	Meta         json.RawMessage
	Extra        json.RawMessage
}

// ToolAnnotations are hints about a tool's behaviour. What is nil has the default of the specification.
type ToolAnnotations struct {
	Title           string
	ReadOnlyHint    *bool
	DestructiveHint *bool
	IdempotentHint  *bool
	OpenWorldHint   *bool
}

func (a *ToolAnnotations) record() wit.Option[content.ToolAnnotations] {
	if a == nil {
		return wit.None[content.ToolAnnotations]()
	}
	return wit.Some(content.ToolAnnotations{
		Title:           optional(a.Title),
		ReadOnlyHint:    pointed(a.ReadOnlyHint),
		DestructiveHint: pointed(a.DestructiveHint),
		IdempotentHint:  pointed(a.IdempotentHint),
		OpenWorldHint:   pointed(a.OpenWorldHint),
	})
}

// A CallToolResult is the whole result of a tool, for a handler that sets more than its content.
type CallToolResult struct {
	Content []Content
	// StructuredContent becomes a JSON object. Where Content is nil, its text becomes the content.
	StructuredContent any
	IsError           bool
	Meta              json.RawMessage
	Extra             json.RawMessage
}

// A ToolHandler runs a tool. It is the form of a handler that AddTool makes of a function.
type ToolHandler func(ctx *Context, arguments json.RawMessage) (*CallToolResult, error)

// AddTool adds a tool that is a function.
//
// In is a struct, whose fields are the arguments, or a map. Field names, and omitempty for optional ones, come from
// the tag json. The tag jsonschema is a description. The tags title, enum, default, minimum, maximum, minLength,
// maxLength, pattern, format and others are members of the schema; values of enum stand between commas.
//
// Out decides what the result is:
//
//   - a string, Content, []Content or a type of content is content for the model;
//   - a struct or a map is structured content, which has an output schema, and its text;
//   - json.RawMessage is structured content without a schema;
//   - *CallToolResult is a whole result;
//   - any is one of these, decided at each call, without a schema. nil is no content.
//
// An error is a failure of the tool, which the model sees, except for *Error.
func AddTool[In, Out any](server *Server, tool *Tool, handler func(ctx *Context, in In) (Out, error)) {
	described := *tool
	fail := func(err error) { server.fail("tool", tool.Name, err) }
	if described.InputSchema == nil {
		schema, err := argumentsSchema(reflect.TypeFor[In]())
		if err != nil {
			fail(fmt.Errorf("its arguments: %w", err))
			return
		}
		described.InputSchema = schema
	}
	if described.OutputSchema == nil {
		schema, err := resultSchema(reflect.TypeFor[Out]())
		if err != nil {
			fail(fmt.Errorf("its result: %w", err))
			return
		}
		described.OutputSchema = schema
	}
	err := server.addTool(&described, func(ctx *Context, arguments json.RawMessage) (*CallToolResult, error) {
		var in In
		if err := decode(arguments, &in); err != nil {
			return nil, InvalidParams("the arguments do not fit: %v", err)
		}
		out, err := handler(ctx, in)
		if err != nil {
			return nil, err
		}
		return resultOf(out)
	})
	if err != nil {
		fail(err)
	}
}

// AddTool adds a tool whose handler gets its arguments as JSON. The tool needs an input schema.
func (s *Server) AddTool(tool *Tool, handler ToolHandler) {
	if err := s.addTool(tool, handler); err != nil {
		s.fail("tool", tool.Name, err)
	}
}

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

// resultSchema returns the schema of structured content; nil for results that have none.
func resultSchema(goType reflect.Type) (json.RawMessage, error) {
	switch {
	case goType.Kind() == reflect.String, goType.Kind() == reflect.Interface,
		goType == reflect.TypeFor[json.RawMessage](), goType == reflect.TypeFor[*CallToolResult](),
		goType.Implements(reflect.TypeFor[Content]()),
		goType.Kind() == reflect.Slice && goType.Elem().Implements(reflect.TypeFor[Content]()):
		return nil, nil
	}
	if goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	if reflect.PointerTo(goType).Implements(reflect.TypeFor[Content]()) || goType == reflect.TypeFor[CallToolResult]() {
		return nil, fmt.Errorf("expected a pointer, *%v", goType)
	}
	if goType.Kind() != reflect.Struct && goType.Kind() != reflect.Map {
		return nil, fmt.Errorf("structured content is an object: expected a struct, a map, a string or content, found %v", goType)
	}
	schema, err := schemaOf(goType, output)
	if err != nil {
		return nil, err
	}
	schema.set("type", "object")
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

// resultOf makes a result of what a function has returned.
func resultOf(out any) (*CallToolResult, error) {
	if out == nil {
		return &CallToolResult{Content: []Content{}}, nil
	}
	if value := reflect.ValueOf(out); value.Kind() == reflect.Pointer && value.IsNil() {
		return nil, errors.New("the tool returned neither a result nor an error")
	}
	if result, isWhole := out.(*CallToolResult); isWhole {
		return result, nil
	}
	if blocks, ok := contentOf(out); ok {
		return &CallToolResult{Content: blocks}, nil
	}
	return &CallToolResult{StructuredContent: out}, nil
}

// contentOf returns content for a model, where a value is that.
func contentOf(value any) ([]Content, bool) {
	switch value := value.(type) {
	case string:
		return []Content{&TextContent{Text: value}}, true
	case Content:
		return []Content{value}, true
	case []Content:
		return value, true
	}
	reflected := reflect.ValueOf(value)
	switch {
	case reflected.Kind() == reflect.String:
		return []Content{&TextContent{Text: reflected.String()}}, true
	case reflected.Kind() == reflect.Slice && reflected.Type().Elem().Implements(reflect.TypeFor[Content]()):
		var blocks []Content
		for index := range reflected.Len() {
			blocks = append(blocks, reflected.Index(index).Interface().(Content))
		}
		return blocks, true
	}
	return nil, false
}

// record returns the result in the interface's terms.
func (r *CallToolResult) record() (content.CallToolResult, error) {
	blocks := r.Content
	structured := json.RawMessage(nil)
	if r.StructuredContent != nil {
		var err error
		if structured, err = marshal(r.StructuredContent); err != nil {
			return content.CallToolResult{}, fmt.Errorf("the result cannot be written as JSON: %w", err)
		}
		if bytes.Equal(structured, []byte("null")) { // A nil map.
			structured = json.RawMessage("{}")
		}
		if blocks == nil {
			blocks = []Content{&TextContent{Text: string(structured)}}
		}
	}
	return content.CallToolResult{
		Content:           mapped(blocks, Content.block),
		StructuredContent: text(structured),
		IsError:           optional(r.IsError),
		Meta:              text(r.Meta),
		Extra:             text(r.Extra),
	}, nil
}

// failure returns the result of a tool that has failed.
func failure(message string) *CallToolResult {
	return &CallToolResult{Content: []Content{&TextContent{Text: message}}, IsError: true}
}
