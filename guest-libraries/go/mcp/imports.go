package mcp

import (
	logging "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_logging"
	notifications "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_notifications"
	host "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_runtime"
)

// Functions of the host that tests replace. The linker drops those that a server does not call.
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

	resourceUpdated = notifications.ResourceUpdated
	sendLog         = logging.Log
)
