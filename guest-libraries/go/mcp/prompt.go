package mcp

import (
	"encoding/json"
	"fmt"
	"reflect"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// A Prompt describes a prompt that a user can choose.
type Prompt struct {
	Name        string
	Title       string
	Description string
	// Arguments replace those that AddPrompt derives of a struct.
	Arguments []*PromptArgument
	Meta      json.RawMessage
	Extra     json.RawMessage
}

// A PromptArgument describes an argument of a prompt.
type PromptArgument struct {
	Name        string
	Title       string
	Description string
	Required    bool
	Extra       json.RawMessage
}

func (a *PromptArgument) record() content.PromptArgument {
	return content.PromptArgument{
		Name:        valid(a.Name),
		Title:       optionalText(a.Title),
		Description: optionalText(a.Description),
		Required:    optional(a.Required),
		Extra:       text(a.Extra),
	}
}

// A PromptMessage is a message of a prompt.
type PromptMessage struct {
	Role    Role
	Content Content
}

func (m *PromptMessage) record() content.PromptMessage {
	return content.PromptMessage{Role: m.Role.record(), Content: m.Content.block()}
}

// A GetPromptResult is the whole result of a prompt.
type GetPromptResult struct {
	Description string
	Messages    []*PromptMessage
	Meta        json.RawMessage
	Extra       json.RawMessage
}

// A PromptHandler fills in a prompt. It is the form of a handler that AddPrompt makes of a function.
type PromptHandler func(ctx *Context, arguments map[string]string) (*GetPromptResult, error)

// AddPrompt adds a prompt that a function fills in.
//
// In is a struct, whose fields are the arguments, with the tags that AddTool describes. Texts become strings, and
// numbers and other values are read as JSON. A field with the tag enum completes itself.
//
// Out is a string, Content or []Content of the user, []*PromptMessage, or *GetPromptResult.
func AddPrompt[In, Out any](server *Server, prompt *Prompt, handler func(ctx *Context, in In) (Out, error)) {
	described := *prompt
	fields, err := textFields(reflect.TypeFor[In]())
	if err == nil {
		err = checkMessages(reflect.TypeFor[Out]())
	}
	if err == nil {
		if described.Arguments == nil {
			described.Arguments = promptArguments(fields)
		}
		err = server.addPrompt(&described, fields, func(ctx *Context, arguments map[string]string) (*GetPromptResult, error) {
			var in In
			if err := readTexts(arguments, &in); err != nil {
				return nil, err
			}
			out, err := handler(ctx, in)
			if err != nil {
				return nil, err
			}
			return promptResultOf(out)
		})
	}
	if err != nil {
		server.fail("prompt", prompt.Name, err)
	}
}

// AddPrompt adds a prompt whose handler gets its arguments as texts.
func (s *Server) AddPrompt(prompt *Prompt, handler PromptHandler) {
	if err := s.addPrompt(prompt, nil, handler); err != nil {
		s.fail("prompt", prompt.Name, err)
	}
}

func promptArguments(fields []field) []*PromptArgument {
	var arguments []*PromptArgument
	for _, field := range fields {
		arguments = append(arguments, &PromptArgument{
			Name:        field.name,
			Title:       field.tag.Get("title"),
			Description: field.tag.Get("jsonschema"),
			Required:    field.isRequired,
		})
	}
	return arguments
}

type registeredPrompt struct {
	Prompt
	fields  []field
	handler PromptHandler
}

func (p *registeredPrompt) isListed() bool {
	return true
}

func (p *registeredPrompt) record() content.Prompt {
	return content.Prompt{
		Name:        valid(p.Name),
		Title:       optionalText(p.Title),
		Description: optionalText(p.Description),
		Arguments:   slice(mapped(p.Arguments, (*PromptArgument).record)),
		Meta:        text(p.Meta),
		Extra:       text(p.Extra),
	}
}

func (p *registeredPrompt) argumentNames() []string {
	return mapped(p.Arguments, func(argument *PromptArgument) string { return argument.Name })
}

func (s *Server) addPrompt(prompt *Prompt, fields []field, handler PromptHandler) error {
	registered := &registeredPrompt{*prompt, fields, handler}
	return add(s, &s.prompts, prompt.Name, registered, registerPrompts)
}

func (s *Server) getPrompt(ctx *Context, params content.GetPromptParams) (content.GetPromptResult, error) {
	prompt, exists := find(s, ctx, &s.prompts, params.Name)
	if !exists {
		return content.GetPromptResult{}, unknownPrompt(params.Name)
	}
	arguments := textsOf(params.Arguments)
	for _, argument := range prompt.Arguments {
		if _, isGiven := arguments[argument.Name]; argument.Required && !isGiven {
			return content.GetPromptResult{}, missingArgument(argument.Name)
		}
	}
	result, err := prompt.handler(ctx, arguments)
	if err != nil {
		return content.GetPromptResult{}, err
	}
	return content.GetPromptResult{
		Description: optionalText(result.Description),
		Messages:    mapped(result.Messages, (*PromptMessage).record),
		Meta:        text(result.Meta),
		Extra:       text(result.Extra),
	}, nil
}

func unknownPrompt(name string) *Error {
	return InvalidParams("unknown prompt: %s", name)
}

func textsOf(option wit.Option[[]wit.Tuple2[string, string]]) map[string]string {
	texts := map[string]string{}
	for _, pair := range option.SomeOr(nil) {
		texts[pair.F0] = pair.F1
	}
	return texts
}

// checkMessages refuses the type of a result that is no prompt.
func checkMessages(out reflect.Type) error {
	element := out
	if out.Kind() == reflect.Slice {
		element = out.Elem()
	}
	switch {
	case out == reflect.TypeFor[*GetPromptResult](), element == reflect.TypeFor[*PromptMessage](),
		element.Implements(reflect.TypeFor[Content]()), out.Kind() == reflect.String:
		return nil
	}
	return fmt.Errorf("its result: expected a string, mcp.Content, []mcp.Content, []*mcp.PromptMessage or *mcp.GetPromptResult, found %v", out)
}

// promptResultOf makes a result of what a function has returned.
func promptResultOf(out any) (*GetPromptResult, error) {
	switch out := out.(type) {
	case *GetPromptResult:
		return out, nil
	case []*PromptMessage:
		return &GetPromptResult{Messages: out}, nil
	case *PromptMessage:
		return &GetPromptResult{Messages: []*PromptMessage{out}}, nil
	}
	blocks, _ := contentOf(out)
	return &GetPromptResult{Messages: mapped(blocks, func(block Content) *PromptMessage {
		return &PromptMessage{RoleUser, block}
	})}, nil
}
