package mcp

// A Kind is the kind of an item of a server.
type Kind string

// The kinds of items.
const (
	KindTool             Kind = "tool"
	KindResource         Kind = "resource"
	KindResourceTemplate Kind = "resource template"
	KindPrompt           Kind = "prompt"
)

// isVisible returns whether a request may see an item.
func (s *Server) isVisible(ctx *Context, kind Kind, name string) bool {
	return s.options.Visible == nil || s.options.Visible(ctx, kind, name)
}

// find returns the item of a name, and whether there is one that the request may see.
func find[T any](s *Server, ctx *Context, items *registry[T], name string) (T, bool) {
	item, exists := items.byName[name]
	return item, exists && s.isVisible(ctx, items.kind, name)
}
