// A server that uses every feature, for WASI 0.2 and 0.3. Its items have the names of the reference guest in Rust.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// The annotations of tools: those that change nothing, those that change the state or the lists of this instance, and
// those that clients do not call unasked.
var (
	readOnly    = &mcp.ToolAnnotations{ReadOnlyHint: new(true)}
	changing    = &mcp.ToolAnnotations{ReadOnlyHint: new(false), DestructiveHint: new(false)}
	destructive = &mcp.ToolAnnotations{ReadOnlyHint: new(false), DestructiveHint: new(true)}
)

// none stands for a tool without arguments.
type none = struct{}

func main() {
	fmt.Fprintln(os.Stderr, "The example is ready: grüß Gott, 你好 🦀")
	server := mcp.NewServer(&mcp.Implementation{
		Name:    "wasi-mcp-go-example",
		Title:   "Example of the library for Go",
		Version: "0.1.0",
		Extra:   json.RawMessage(`{"websiteUrl": "https://github.com/WebAssembly/wasi-mcp"}`),
	}, &mcp.ServerOptions{
		Instructions:            "Call `echo` first; every other tool shows one more feature.",
		ListChanged:             true,
		Experimental:            map[string]json.RawMessage{"example.org/reference": json.RawMessage("{}")},
		SubscribeHandler:        subscribe,
		UnsubscribeHandler:      unsubscribe,
		InitializedHandler:      initialized,
		RootsListChangedHandler: rootsChanged,
	})
	addResultTools(server)
	addStructuredTools(server)
	addPublicSuite(server)
	addContextTools(server)
	addProgressTools(server)
	addLogTools(server)
	addSamplingTools(server)
	addElicitationTools(server)
	addRootsTools(server)
	addWaitingTools(server)
	addListTools(server)
	addErrorTools(server)
	addResources(server)
	addTemplates(server)
	addPrompts(server)
	addCompletions(server)
	server.Run()
}
