package mcp

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
)

// A Resource describes a resource that a client can read.
type Resource struct {
	URI         string
	Name        string
	Title       string
	Description string
	MIMEType    string
	Size        *float64
	Annotations *Annotations
	Meta        json.RawMessage
	Extra       json.RawMessage
	// IsUnlisted is set for a resource that can be read but is in no list.
	IsUnlisted bool
}

// A ResourceTemplate describes the resources whose URIs have the form of a template, such as notes://{day}.
//
// {x} is one segment of a path. It is decoded UTF-8, and never . or .. or with a slash in it. {+x} is any text. Each
// variable is as short as possible, from the first on, and one at the end of the template takes the rest.
type ResourceTemplate struct {
	URITemplate string
	Name        string
	Title       string
	Description string
	MIMEType    string
	Annotations *Annotations
	Meta        json.RawMessage
	Extra       json.RawMessage
	// IsUnlisted is set for resources that can be read though their template is in no list.
	IsUnlisted bool
}

// A ReadResourceResult is the whole result of reading a resource.
type ReadResourceResult struct {
	Contents []*ResourceContents
	Meta     json.RawMessage
	Extra    json.RawMessage
}

// A ResourceHandler reads a resource, whose URI the context has.
type ResourceHandler func(ctx *Context) (*ReadResourceResult, error)

// AddResource adds a resource that a function reads.
//
// Out is a string, []byte, *ResourceContents or []*ResourceContents, *ReadResourceResult, or any other type that
// becomes JSON. A nil pointer says that there is no such resource.
func AddResource[Out any](server *Server, resource *Resource, handler func(ctx *Context) (Out, error)) {
	described := *resource
	err := setMIMEType(&described.MIMEType, reflect.TypeFor[Out]())
	if err == nil {
		err = server.addResource(&described, func(ctx *Context) (*ReadResourceResult, error) {
			out, err := handler(ctx)
			if err != nil {
				return nil, err
			}
			return readResultOf(out, described.MIMEType)
		})
	}
	if err != nil {
		server.fail("resource", resource.URI, err)
	}
}

// AddResourceTemplate adds resources whose URIs have the form of a template. In is a struct with a field for each
// variable. Out is as in AddResource.
func AddResourceTemplate[In, Out any](server *Server, template *ResourceTemplate, handler func(ctx *Context, in In) (Out, error)) {
	described := *template
	err := server.addTemplate(&described, reflect.TypeFor[In](), reflect.TypeFor[Out](),
		func(variables map[string]string) (ResourceHandler, bool) {
			var in In
			if err := readTexts(variables, &in); err != nil {
				return nil, false
			}
			return func(ctx *Context) (*ReadResourceResult, error) {
				out, err := handler(ctx, in)
				if err != nil {
					return nil, err
				}
				return readResultOf(out, described.MIMEType)
			}, true
		})
	if err != nil {
		server.fail("resource template", template.URITemplate, err)
	}
}

// AddResource adds a resource whose handler returns a whole result.
func (s *Server) AddResource(resource *Resource, handler ResourceHandler) {
	if err := s.addResource(resource, handler); err != nil {
		s.fail("resource", resource.URI, err)
	}
}

type registeredResource struct {
	Resource
	handler ResourceHandler
}

func (r *registeredResource) isListed() bool {
	return !r.IsUnlisted
}

func (r *registeredResource) record() content.Resource {
	return content.Resource{
		Uri:         valid(r.URI),
		Name:        valid(r.Name),
		Title:       optionalText(r.Title),
		Description: optionalText(r.Description),
		MimeType:    optionalText(r.MIMEType),
		Size:        pointed(r.Size),
		Annotations: r.Annotations.record(),
		Meta:        text(r.Meta),
		Extra:       text(r.Extra),
	}
}

func (s *Server) addResource(resource *Resource, handler ResourceHandler) error {
	registered := &registeredResource{*resource, handler}
	return add(s, &s.resources, resource.URI, registered, registerResources)
}

// A templateHandler returns the handler of a resource, or false if the variables do not parse as the types of its
// function.
type templateHandler func(variables map[string]string) (ResourceHandler, bool)

type registeredTemplate struct {
	ResourceTemplate
	pattern   uriPattern
	arguments []field
	handler   templateHandler
}

func (t *registeredTemplate) isListed() bool {
	return !t.IsUnlisted
}

func (t *registeredTemplate) record() content.ResourceTemplate {
	return content.ResourceTemplate{
		UriTemplate: valid(t.URITemplate),
		Name:        valid(t.Name),
		Title:       optionalText(t.Title),
		Description: optionalText(t.Description),
		MimeType:    optionalText(t.MIMEType),
		Annotations: t.Annotations.record(),
		Meta:        text(t.Meta),
		Extra:       text(t.Extra),
	}
}

func (s *Server) addTemplate(template *ResourceTemplate, in, out reflect.Type, handler templateHandler) error {
	if err := setMIMEType(&template.MIMEType, out); err != nil {
		return err
	}
	pattern, err := parseTemplate(template.URITemplate)
	if err != nil {
		return err
	}
	fields, err := textFields(in)
	if err != nil {
		return err
	}
	for _, field := range fields {
		if !pattern.has(field.name) {
			return fmt.Errorf("field %s: the template has no variable `%s`", field.goName, field.name)
		}
	}
	for _, name := range pattern.variables() {
		if !hasField(fields, name) {
			return fmt.Errorf("%v has no field for the variable `%s`: add one with the tag `json:\"%s\"`", in, name, name)
		}
	}
	registered := &registeredTemplate{*template, pattern, fields, handler}
	return add(s, &s.templates, template.URITemplate, registered, registerResourceTemplates)
}

// findResource returns the handler of the requested resource: the one with this URI, or that of the first template
// that matches it.
func (s *Server) findResource(ctx *Context) (ResourceHandler, error) {
	if resource, exists := s.resources.byName[ctx.uri]; exists {
		if !s.isVisible(ctx, KindResource, ctx.uri) { // No template shows it.
			return nil, ResourceNotFound(ctx.uri)
		}
		return resource.handler, nil
	}
	for _, template := range s.templates.all() {
		variables, matches := template.pattern.match(ctx.uri)
		if !matches {
			continue
		}
		handler, fits := template.handler(variables)
		if fits && s.isVisible(ctx, KindResourceTemplate, template.URITemplate) {
			return handler, nil
		}
	}
	return nil, ResourceNotFound(ctx.uri)
}

func (s *Server) readResource(ctx *Context) (content.ReadResourceResult, error) {
	handler, err := s.findResource(ctx)
	if err != nil {
		return content.ReadResourceResult{}, err
	}
	result, err := handler(ctx)
	if err != nil {
		return content.ReadResourceResult{}, err
	}
	if result == nil {
		return content.ReadResourceResult{}, ResourceNotFound(ctx.uri)
	}
	contents := mapped(result.Contents, func(one *ResourceContents) content.ResourceContents {
		located := *one
		if located.URI == "" {
			located.URI = ctx.uri
		}
		return located.record()
	})
	return content.ReadResourceResult{Contents: contents, Meta: text(result.Meta), Extra: text(result.Extra)}, nil
}

// setMIMEType checks the type of a handler's result, and sets the media type of what becomes JSON.
func setMIMEType(mimeType *string, out reflect.Type) error {
	if isContents(out) {
		return nil
	}
	if kind := out.Kind(); kind == reflect.Chan || kind == reflect.Func {
		return fmt.Errorf("its result: expected text, bytes, contents or a value that becomes JSON, found %v", out)
	}
	if *mimeType == "" {
		*mimeType = "application/json"
	}
	return nil
}

// isContents returns whether a type is contents as they are.
func isContents(out reflect.Type) bool {
	switch out {
	case reflect.TypeFor[[]byte](), reflect.TypeFor[*ResourceContents](), reflect.TypeFor[[]*ResourceContents](),
		reflect.TypeFor[*ReadResourceResult]():
		return true
	}
	isText := out.Kind() == reflect.String || out.Kind() == reflect.Pointer && out.Elem().Kind() == reflect.String
	return isText || out.Kind() == reflect.Interface
}

// readResultOf makes a result of what a function has returned; nil where that is nil.
func readResultOf(out any, mimeType string) (*ReadResourceResult, error) {
	one := func(contents *ResourceContents) (*ReadResourceResult, error) {
		if contents.MIMEType == "" {
			contents.MIMEType = mimeType
		}
		return &ReadResourceResult{Contents: []*ResourceContents{contents}}, nil
	}
	switch out := out.(type) {
	case nil:
		return nil, nil
	case *ReadResourceResult:
		return out, nil
	case []*ResourceContents:
		return &ReadResourceResult{Contents: out}, nil
	case *ResourceContents:
		if out == nil {
			return nil, nil
		}
		copied := *out
		return one(&copied)
	case []byte:
		if out == nil {
			out = []byte{}
		}
		return one(&ResourceContents{Blob: out})
	}
	value := reflect.ValueOf(out)
	if value.Kind() == reflect.Pointer {
		if value.IsNil() {
			return nil, nil
		}
		value = value.Elem()
	}
	if value.Kind() == reflect.String {
		return one(&ResourceContents{Text: value.String()})
	}
	text, err := marshal(out)
	if err != nil {
		return nil, errors.New("the resource cannot be written as JSON: " + err.Error())
	}
	return one(&ResourceContents{Text: string(text)})
}
