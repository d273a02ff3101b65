package mcp

import (
	"fmt"
	"os"
	"slices"

	exports "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/exports"
	capabilities "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_capabilities"
	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	request "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_context"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// own makes a server a service. It has functions of its own in place of those of the host that register a backend's
// items, and checks arguments, as the host does for a backend.
func (s *Server) own() {
	s.checkArguments = (*registeredTool).check
	declared := &s.description.Capabilities // Nothing is declared before the server runs.
	tools := func() { report(declared.Tools.SomeOr(capabilities.ToolsCapability{}).ListChanged, toolsChanged) }
	resources := func() {
		report(declared.Resources.SomeOr(capabilities.ResourcesCapability{}).ListChanged, resourcesChanged)
	}
	prompts := func() { report(declared.Prompts.SomeOr(capabilities.PromptsCapability{}).ListChanged, promptsChanged) }
	registerTools, unregisterTools = adding[content.Tool](tools), removing(&s.tools, tools)
	registerResources, unregisterResources = adding[content.Resource](resources), removing(&s.resources, resources)
	registerResourceTemplates, unregisterResourceTemplates = adding[content.ResourceTemplate](resources), removing(&s.templates, resources)
	registerPrompts, unregisterPrompts = adding[content.Prompt](prompts), removing(&s.prompts, prompts)
}

// adding returns a function that reports items to be added. A client sees the list after the call, as an instance
// runs one call at a time.
func adding[R any](report func()) registration[R] {
	return func([]R) wit.Result[wit.Unit, types.Error] {
		report()
		return wit.Ok[wit.Unit, types.Error](wit.Unit{})
	}
}

// removing returns a function that reports items to be removed, and refuses names as a host does.
func removing[T any](items *registry[T], report func()) registration[string] {
	return func(names []string) wit.Result[wit.Unit, types.Error] {
		for index, name := range names {
			if _, exists := items.byName[name]; !exists || slices.Contains(names[:index], name) {
				return wit.Err[wit.Unit](errorRecord(InvalidParams("there is no %s %q", items.kind, name)))
			}
		}
		report()
		return wit.Ok[wit.Unit, types.Error](wit.Unit{})
	}
}

// report tells clients that a list has changed, where its capability declares that.
func report(listChanged wit.Option[bool], changed func()) {
	if listChanged.SomeOr(false) {
		changed()
	}
}

// open checks the registrations, and keeps the description of the server: it stays the same when lists change.
func (s *Server) open() error {
	if err := s.check(); err != nil {
		return err
	}
	s.description = s.record()
	s.isRunning = true
	return nil
}

// setCatalogs routes the exports that only a service has to a server.
func setCatalogs(s *Server) {
	exports.GetServer = func() wit.Result[capabilities.Server, types.Error] {
		return wit.Ok[capabilities.Server, types.Error](s.description)
	}
	exports.ListTools = func(r *request.RequestContext, cursor wit.Option[string]) wit.Result[content.ListToolsResult, types.Error] {
		return answer(&Context{request: r}, func(ctx *Context) (content.ListToolsResult, error) {
			tools, next, err := page(s, ctx, &s.tools, cursor)
			return content.ListToolsResult{Tools: tools, NextCursor: next}, err
		})
	}
	exports.ListResources = func(r *request.RequestContext, cursor wit.Option[string]) wit.Result[content.ListResourcesResult, types.Error] {
		return answer(&Context{request: r}, func(ctx *Context) (content.ListResourcesResult, error) {
			resources, next, err := page(s, ctx, &s.resources, cursor)
			return content.ListResourcesResult{Resources: resources, NextCursor: next}, err
		})
	}
	exports.ListResourceTemplates = func(r *request.RequestContext, cursor wit.Option[string]) wit.Result[content.ListResourceTemplatesResult, types.Error] {
		return answer(&Context{request: r}, func(ctx *Context) (content.ListResourceTemplatesResult, error) {
			templates, next, err := page(s, ctx, &s.templates, cursor)
			return content.ListResourceTemplatesResult{ResourceTemplates: templates, NextCursor: next}, err
		})
	}
	exports.ListPrompts = func(r *request.RequestContext, cursor wit.Option[string]) wit.Result[content.ListPromptsResult, types.Error] {
		return answer(&Context{request: r}, func(ctx *Context) (content.ListPromptsResult, error) {
			prompts, next, err := page(s, ctx, &s.prompts, cursor)
			return content.ListPromptsResult{Prompts: prompts, NextCursor: next}, err
		})
	}
}

// setFirstHandlers lets any export of a service be the first that is called. The first call makes the server, whose
// handlers take the place of these. Where that fails, each call does.
func setFirstHandlers(makeServer func() error) {
	ready := func() error {
		err := makeServer()
		if err != nil {
			setFirstHandlers(func() error { return err })
		}
		return err
	}
	exports.GetServer = func() wit.Result[capabilities.Server, types.Error] {
		if err := ready(); err != nil {
			return wit.Err[capabilities.Server](errorRecord(err))
		}
		return exports.GetServer()
	}
	first(&exports.ListTools, ready)
	first(&exports.CallTool, ready)
	first(&exports.ListResources, ready)
	first(&exports.ListResourceTemplates, ready)
	first(&exports.ReadResource, ready)
	first(&exports.Subscribe, ready)
	first(&exports.Unsubscribe, ready)
	first(&exports.ListPrompts, ready)
	first(&exports.GetPrompt, ready)
	first(&exports.Complete, ready)
	firstNotification("initialized", &exports.Initialized, ready)
	firstNotification("roots-changed", &exports.RootsChanged, ready)
}

func first[P, R any](handler *func(*request.RequestContext, P) wit.Result[R, types.Error], ready func() error) {
	*handler = func(r *request.RequestContext, params P) wit.Result[R, types.Error] {
		if err := ready(); err != nil {
			r.Drop()
			return wit.Err[R](errorRecord(err))
		}
		return (*handler)(r, params)
	}
}

// firstNotification does the same for a notification, which has no answer: the operator sees the error.
func firstNotification(name string, handler *func(*request.RequestContext), ready func() error) {
	*handler = func(r *request.RequestContext) {
		if err := ready(); err != nil {
			fmt.Fprintf(os.Stderr, "%s failed: %v\n", name, err)
			r.Drop()
			return
		}
		(*handler)(r)
	}
}
