package main

import "github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"

// Events that this instance has seen. An instance may serve one call or many: correct answers do not depend on them,
// they only let a tool report earlier events.
var state struct {
	calls          int
	isAdded        bool
	watchedVersion int
	subscriptions  map[string]bool
	cancellations  []*string
	keptContext    *mcp.Context
	initialized    int
	rootsChanged   int
	roots          []*mcp.Root
}

// subscribe remembers a subscription. The library has refused a resource that does not exist.
func subscribe(ctx *mcp.Context, uri string) error {
	if state.subscriptions == nil {
		state.subscriptions = map[string]bool{}
	}
	state.subscriptions[uri] = true
	return nil
}

func unsubscribe(ctx *mcp.Context, uri string) error {
	delete(state.subscriptions, uri)
	return nil
}

func initialized(ctx *mcp.Context) {
	state.initialized++
	learnRoots(ctx)
}

func rootsChanged(ctx *mcp.Context) {
	state.rootsChanged++
	learnRoots(ctx)
}

// learnRoots requests the roots, like a server that depends on them.
func learnRoots(ctx *mcp.Context) {
	if ctx.Client().Capabilities.Roots == nil {
		return
	}
	if answer, err := ctx.ListRoots(nil); err == nil {
		state.roots = answer.Roots
	}
}
