package mcp

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	exports "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/exports"
	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	request "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_context"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// setHandlers routes the component's exports to a server.
func setHandlers(s *Server) {
	exports.CallTool = func(r *request.RequestContext, params content.CallToolParams) wit.Result[content.CallToolResult, types.Error] {
		return answer(&Context{request: r, extra: params.Extra}, func(ctx *Context) (content.CallToolResult, error) {
			return s.callTool(ctx, params)
		})
	}
	exports.ReadResource = func(r *request.RequestContext, params content.ReadResourceParams) wit.Result[content.ReadResourceResult, types.Error] {
		return answer(&Context{request: r, uri: params.Uri, extra: params.Extra}, s.readResource)
	}
	exports.Subscribe = func(r *request.RequestContext, uri string) wit.Result[wit.Unit, types.Error] {
		return answer(&Context{request: r, uri: uri}, s.subscribe)
	}
	exports.Unsubscribe = func(r *request.RequestContext, uri string) wit.Result[wit.Unit, types.Error] {
		return answer(&Context{request: r, uri: uri}, s.unsubscribe)
	}
	exports.GetPrompt = func(r *request.RequestContext, params content.GetPromptParams) wit.Result[content.GetPromptResult, types.Error] {
		return answer(&Context{request: r, extra: params.Extra}, func(ctx *Context) (content.GetPromptResult, error) {
			return s.getPrompt(ctx, params)
		})
	}
	exports.Complete = func(r *request.RequestContext, params content.CompleteParams) wit.Result[content.CompleteResult, types.Error] {
		return answer(&Context{request: r, extra: params.Extra}, func(ctx *Context) (content.CompleteResult, error) {
			return s.complete(ctx, params)
		})
	}
	exports.Initialized = func(r *request.RequestContext) { s.notify(r, s.options.InitializedHandler) }
	exports.RootsChanged = func(r *request.RequestContext) { s.notify(r, s.options.RootsListChangedHandler) }
}

// answer runs a handler and drops its context.
func answer[T any](ctx *Context, handler func(*Context) (T, error)) wit.Result[T, types.Error] {
	defer ctx.Drop()
	result, err := guarded(func() (T, error) { return handler(ctx) })
	if err != nil {
		return wit.Err[T](errorRecord(err))
	}
	return wit.Ok[T, types.Error](result)
}

func (s *Server) notify(r *request.RequestContext, handler func(*Context)) {
	if handler == nil {
		r.Drop()
		return
	}
	answer(&Context{request: r}, func(ctx *Context) (struct{}, error) {
		handler(ctx)
		return struct{}{}, nil
	})
}

// guarded turns a panic into an error, and shows the operator its stack: a panic would end the instance.
//
// What this package itself panics with is an error already.
func guarded[T any](function func() (T, error)) (result T, err error) {
	defer func() {
		switch value := recover().(type) {
		case nil:
		case *RequestError:
			err = value
		default:
			err = fmt.Errorf("panic: %v", value)
			fmt.Fprintf(os.Stderr, "%v\n\n%s", err, debug.Stack())
		}
	}()
	return function()
}

// errorRecord returns the JSON-RPC error that answers a request.
func errorRecord(err error) types.Error {
	var answer *Error
	if !errors.As(err, &answer) {
		answer = &Error{Code: CodeInternalError, Message: err.Error()}
	}
	return types.Error{Code: answer.Code.record(), Message: valid(answer.Message), Data: text(answer.Data)}
}

func (s *Server) callTool(ctx *Context, params content.CallToolParams) (content.CallToolResult, error) {
	tool, exists := find(s, ctx, &s.tools, params.Name)
	if !exists {
		return content.CallToolResult{}, InvalidParams("unknown tool: %s", params.Name)
	}
	arguments := jsonOf(params.Arguments)
	if s.checkArguments != nil {
		if err := s.checkArguments(tool, arguments); err != nil {
			return content.CallToolResult{}, doNotFit(err)
		}
	}
	record, err := guarded(func() (content.CallToolResult, error) {
		result, err := tool.handler(ctx, arguments)
		if err != nil {
			return content.CallToolResult{}, err
		}
		return result.record()
	})
	var answer *Error
	if err == nil || errors.As(err, &answer) {
		return record, err
	}
	return failure(err.Error()).record()
}

func (s *Server) subscribe(ctx *Context) (wit.Unit, error) {
	if _, err := s.findResource(ctx); err != nil {
		return wit.Unit{}, err
	}
	return called(s.options.SubscribeHandler, ctx)
}

func (s *Server) unsubscribe(ctx *Context) (wit.Unit, error) {
	return called(s.options.UnsubscribeHandler, ctx)
}

func called(handler func(*Context, string) error, ctx *Context) (wit.Unit, error) {
	if handler == nil {
		return wit.Unit{}, nil
	}
	return wit.Unit{}, handler(ctx, ctx.uri)
}
