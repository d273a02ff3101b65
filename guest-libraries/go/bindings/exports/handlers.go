// Package exports has the exports of a component that is a server, and the functions that they call.
//
// The component has those of them that its world names. The build tag mcp_service selects those of a service.
package exports

import (
	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_capabilities"
	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_context"
	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	witTypes "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// The handlers, which package mcp sets. A server without that package sets them when it is initialized.
var (
	CallTool     func(*wasi_mcp_context.RequestContext, wasi_mcp_content.CallToolParams) witTypes.Result[wasi_mcp_content.CallToolResult, wasi_mcp_types.Error]
	ReadResource func(*wasi_mcp_context.RequestContext, wasi_mcp_content.ReadResourceParams) witTypes.Result[wasi_mcp_content.ReadResourceResult, wasi_mcp_types.Error]
	Subscribe    func(*wasi_mcp_context.RequestContext, string) witTypes.Result[witTypes.Unit, wasi_mcp_types.Error]
	Unsubscribe  func(*wasi_mcp_context.RequestContext, string) witTypes.Result[witTypes.Unit, wasi_mcp_types.Error]
	GetPrompt    func(*wasi_mcp_context.RequestContext, wasi_mcp_content.GetPromptParams) witTypes.Result[wasi_mcp_content.GetPromptResult, wasi_mcp_types.Error]
	Complete     func(*wasi_mcp_context.RequestContext, wasi_mcp_content.CompleteParams) witTypes.Result[wasi_mcp_content.CompleteResult, wasi_mcp_types.Error]
	Initialized  func(*wasi_mcp_context.RequestContext)
	RootsChanged func(*wasi_mcp_context.RequestContext)
)

// Start is the handler that a backend has in addition.
var Start func() witTypes.Result[witTypes.Unit, wasi_mcp_types.Error]

// The handlers that a service has in addition.
var (
	GetServer             func() witTypes.Result[wasi_mcp_capabilities.Server, wasi_mcp_types.Error]
	ListTools             func(*wasi_mcp_context.RequestContext, witTypes.Option[string]) witTypes.Result[wasi_mcp_content.ListToolsResult, wasi_mcp_types.Error]
	ListResources         func(*wasi_mcp_context.RequestContext, witTypes.Option[string]) witTypes.Result[wasi_mcp_content.ListResourcesResult, wasi_mcp_types.Error]
	ListResourceTemplates func(*wasi_mcp_context.RequestContext, witTypes.Option[string]) witTypes.Result[wasi_mcp_content.ListResourceTemplatesResult, wasi_mcp_types.Error]
	ListPrompts           func(*wasi_mcp_context.RequestContext, witTypes.Option[string]) witTypes.Result[wasi_mcp_content.ListPromptsResult, wasi_mcp_types.Error]
)
