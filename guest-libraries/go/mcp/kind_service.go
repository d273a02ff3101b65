//go:build mcp_service

package mcp

import (
	capabilities "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_capabilities"
	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// isService tells the two kinds of servers apart. The compiler drops what the other kind needs.
const isService = true

// A service has no functions of the host here: Server.own sets those that it calls.
var (
	registerServer              func(capabilities.Server) wit.Result[wit.Unit, types.Error]
	registerTools               registration[content.Tool]
	registerResources           registration[content.Resource]
	registerResourceTemplates   registration[content.ResourceTemplate]
	registerPrompts             registration[content.Prompt]
	unregisterTools             registration[string]
	unregisterResources         registration[string]
	unregisterResourceTemplates registration[string]
	unregisterPrompts           registration[string]
	serve                       func() wit.Result[wit.Unit, types.Error]
)
