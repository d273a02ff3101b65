// Package mcp makes servers of the Model Context Protocol as WebAssembly components of wasi:mcp.
//
// A server is a program that adds tools, resources and prompts, and runs:
//
//	type Person struct {
//		Name string `json:"name" jsonschema:"The name of the person to greet."`
//	}
//
//	func main() {
//		server := mcp.NewServer(&mcp.Implementation{Name: "hello", Version: "0.1.0"}, nil)
//		mcp.AddTool(server, &mcp.Tool{Name: "hello", Description: "Greets somebody."},
//			func(ctx *mcp.Context, in Person) (string, error) {
//				return "Hello, " + in.Name + "!", nil
//			})
//		server.Run()
//	}
//
// The names are those of the official SDK where the two do the same. The package is a layer over the generated
// bindings in the folder bindings: it speaks no protocol of its own. Context.Request and the package exports give
// access to the bindings.
//
// # Calls
//
// A component runs one call at a time, in WASI 0.2 and 0.3. What waits for the client blocks it. Goroutines run
// while a call does: a handler must wait for those that it starts, because one that is left can read the memory of
// the next call. A panic of a handler is a failure of its tool; a panic
// of another goroutine ends the instance, as os.Exit does.
package mcp
