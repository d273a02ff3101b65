//go:build !mcp_service

package mcp

import host "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_runtime"

// isService tells the two kinds of servers apart. The compiler drops what the other kind needs.
const isService = false

// Functions of the host that register a backend. Tests replace them, too.
var (
	registerServer              = host.RegisterServer
	registerTools               = host.RegisterTools
	registerResources           = host.RegisterResources
	registerResourceTemplates   = host.RegisterResourceTemplates
	registerPrompts             = host.RegisterPrompts
	unregisterTools             = host.UnregisterTools
	unregisterResources         = host.UnregisterResources
	unregisterResourceTemplates = host.UnregisterResourceTemplates
	unregisterPrompts           = host.UnregisterPrompts
	serve                       = host.Serve
)
