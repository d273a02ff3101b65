package mcp

import (
	logging "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_logging"
	notifications "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_notifications"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// Functions of the host that tests replace. The linker drops those that a server does not call.
var (
	toolsChanged     = notifications.ToolsChanged
	resourcesChanged = notifications.ResourcesChanged
	promptsChanged   = notifications.PromptsChanged
	resourceUpdated  = notifications.ResourceUpdated
	sendLog          = logging.Log
)

// A registration adds items to a list, or removes those that have a name.
type registration[T any] = func([]T) wit.Result[wit.Unit, types.Error]
