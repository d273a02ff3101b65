package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

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
		Title:           optionalText(a.Title),
		ReadOnlyHint:    pointed(a.ReadOnlyHint),
		DestructiveHint: pointed(a.DestructiveHint),
		IdempotentHint:  pointed(a.IdempotentHint),
		OpenWorldHint:   pointed(a.OpenWorldHint),
	})
}

// A ToolHandler runs a tool. It is the form of a handler that AddTool makes of a function.
type ToolHandler func(ctx *Context, arguments json.RawMessage) (*CallToolResult, error)

// AddTool adds a tool that is a function.
//
// In is a struct, whose fields are the arguments, or a map. Field names, and omitempty for optional ones, come from
// the tag json. The tag jsonschema is a description. The tags title, enum, default, minimum, maximum, minLength,
// maxLength, pattern, format and others are members of the schema; values of enum stand between commas. The fields of
// an embedded struct are arguments too, unless it has a name in the tag json.
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
			return nil, doNotFit(err)
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

// A registeredTool is a tool with the function that runs it.
type registeredTool struct {
	Tool
	handler ToolHandler
	fits    func(arguments any) error // By the input schema, once it was read.
}

func (t *registeredTool) isListed() bool {
	return true
}

func (t *registeredTool) record() content.Tool {
	return content.Tool{
		Name:         valid(t.Name),
		Title:        optionalText(t.Title),
		Description:  optionalText(t.Description),
		InputSchema:  valid(string(t.InputSchema)),
		OutputSchema: text(t.OutputSchema),
		Annotations:  t.Annotations.record(),
		Meta:         text(t.Meta),
		Extra:        text(t.Extra),
	}
}

func (s *Server) addTool(tool *Tool, handler ToolHandler) error {
	if tool.InputSchema == nil {
		return errors.New("it has no input schema: set InputSchema, or call mcp.AddTool")
	}
	registered := &registeredTool{Tool: *tool, handler: handler}
	return add(s, &s.tools, tool.Name, registered, registerTools)
}

// check returns how arguments break the input schema.
func (t *registeredTool) check(arguments json.RawMessage) error {
	if t.fits == nil {
		schema := &valueSchema{}
		if err := json.Unmarshal(t.InputSchema, schema); err != nil {
			return err
		}
		t.fits = schema.check
	}
	members := map[string]any{}
	if len(arguments) > 0 {
		if err := json.Unmarshal(arguments, &members); err != nil {
			return err
		}
	}
	return t.fits(members)
}

func doNotFit(err error) *Error {
	return InvalidParams("the arguments do not fit: %v", err)
}
