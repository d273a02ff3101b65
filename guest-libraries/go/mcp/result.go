package mcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
)

// A CallToolResult is the whole result of a tool, for a handler that sets more than its content.
type CallToolResult struct {
	Content []Content
	// StructuredContent becomes a JSON object. Where Content is nil, its text becomes the content.
	StructuredContent any
	IsError           bool
	Meta              json.RawMessage
	Extra             json.RawMessage
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
