package mcp

import (
	"encoding/json"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	roots "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_roots"
)

// A Root is a folder or file that a client lets a server work in.
type Root struct {
	URI   string
	Name  string
	Meta  json.RawMessage
	Extra json.RawMessage
}

// ListRootsParams are a request for the client's roots.
type ListRootsParams struct {
	Meta json.RawMessage
}

// A ListRootsResult has the client's roots.
type ListRootsResult struct {
	Roots []*Root
	Meta  json.RawMessage
	Extra json.RawMessage
}

// ListRoots asks the client for its roots. The parameters may be nil.
func (c *Context) ListRoots(params *ListRootsParams) (*ListRootsResult, error) {
	if params == nil {
		params = &ListRootsParams{}
	}
	record, err := finished(roots.ListRoots(c.request, text(params.Meta)))
	if err != nil {
		return nil, err
	}
	found := mapped(record.Roots, func(root content.Root) *Root {
		return &Root{root.Uri, root.Name.SomeOr(""), jsonOf(root.Meta), jsonOf(root.Extra)}
	})
	return &ListRootsResult{found, jsonOf(record.Meta), jsonOf(record.Extra)}, nil
}
