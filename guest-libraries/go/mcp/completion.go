package mcp

import (
	"fmt"
	"slices"
	"strings"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// A Completion is an argument that a user is typing.
type Completion struct {
	// Value is the text typed so far.
	Value string
	// Arguments are those whose values are known.
	Arguments map[string]string
}

// A CompletionHandler returns the values that an argument can have. The library keeps those that begin with the text
// typed so far.
type CompletionHandler func(ctx *Context, completion *Completion) ([]string, error)

// AddCompletion registers a completion handler for an argument of a prompt or a variable of a URI template.
func (s *Server) AddCompletion(reference, argument string, handler CompletionHandler) {
	if s.completions[reference] == nil {
		s.completions[reference] = map[string]registeredCompletion{}
	}
	if other, exists := s.completions[reference][argument]; exists {
		s.fail("completion", reference, fmt.Errorf("%s has completed the argument `%s` already", other.line, argument))
	}
	s.completions[reference][argument] = registeredCompletion{handler, callingLine()}
}

type registeredCompletion struct {
	handler CompletionHandler
	line    string
}

// Choices returns a handler that offers the same values each time.
func Choices(values ...string) CompletionHandler {
	return func(*Context, *Completion) ([]string, error) { return values, nil }
}

func (s *Server) checkCompletion(reference, argument string) error {
	line := s.completions[reference][argument].line
	var known []string
	if prompt, exists := s.prompts.byName[reference]; exists {
		known = prompt.argumentNames()
	} else if template, exists := s.templates.byName[reference]; exists {
		known = template.pattern.variables()
	} else {
		return fmt.Errorf("%s: completion of `%s`: there is no prompt of this name, and no such URI template", line, reference)
	}
	if !slices.Contains(known, argument) {
		return fmt.Errorf("%s: completion of `%s`: unknown argument `%s`: expected one of %s",
			line, reference, argument, strings.Join(known, ", "))
	}
	return nil
}

// completes returns whether any argument is completed.
func (s *Server) completes() bool {
	hasChoices := func(fields []field) bool {
		return slices.ContainsFunc(fields, func(field field) bool { return field.choices() != nil })
	}
	return len(s.completions) > 0 ||
		slices.ContainsFunc(s.prompts.all(), func(prompt *registeredPrompt) bool { return hasChoices(prompt.fields) }) ||
		slices.ContainsFunc(s.templates.all(), func(template *registeredTemplate) bool { return hasChoices(template.arguments) })
}

// The number of values that an answer may have.
const maximumValues = 100

func (s *Server) complete(ctx *Context, params content.CompleteParams) (content.CompleteResult, error) {
	handler, err := s.findCompletion(ctx, params.Ref, params.Argument.Name)
	if err != nil {
		return content.CompleteResult{}, err
	}
	values, err := handler(ctx, &Completion{params.Argument.Value, textsOf(params.ContextArguments)})
	if err != nil {
		return content.CompleteResult{}, err
	}
	var fitting []string
	for _, value := range values {
		if strings.HasPrefix(value, params.Argument.Value) {
			fitting = append(fitting, valid(value))
		}
	}
	total := len(fitting)
	return content.CompleteResult{
		Values:  fitting[:min(total, maximumValues)],
		Total:   wit.Some(uint32(total)),
		HasMore: wit.Some(total > maximumValues),
	}, nil
}

// findCompletion returns the handler of an argument that a request names. Those without a handler have no values.
func (s *Server) findCompletion(ctx *Context, reference content.CompletionReference, argument string) (CompletionHandler, error) {
	var name string
	var known []string
	var fields []field
	switch reference.Tag() {
	case content.CompletionReferencePrompt:
		name = reference.Prompt().Name
		prompt, exists := find(s, ctx, &s.prompts, name)
		if !exists {
			return nil, unknownPrompt(name)
		}
		known, fields = prompt.argumentNames(), prompt.fields
	case content.CompletionReferenceResourceTemplate:
		name = reference.ResourceTemplate()
		template, exists := find(s, ctx, &s.templates, name)
		// Clients know nothing of one that is not listed, nor does the host of a backend.
		if !exists || template.IsUnlisted {
			return nil, InvalidParams("unknown resource template: %s", name)
		}
		known, fields = template.pattern.variables(), template.arguments
	default:
		return nil, InvalidParams("unknown kind of reference: expected ref/prompt or ref/resource")
	}
	if !slices.Contains(known, argument) {
		return nil, InvalidParams("unknown argument `%s`: expected one of %s", argument, strings.Join(known, ", "))
	}
	if completion, exists := s.completions[name][argument]; exists {
		return completion.handler, nil
	}
	for _, field := range fields {
		if field.name == argument {
			return Choices(field.choices()...), nil
		}
	}
	return Choices(), nil
}
