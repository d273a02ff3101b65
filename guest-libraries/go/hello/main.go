package main

import "github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"

type Person struct {
	Name string `json:"name" jsonschema:"The name of the person to greet."`
}

func hello(ctx *mcp.Context, in Person) (string, error) {
	return "Hello, " + in.Name + "!", nil
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "hello", Version: "0.1.0"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "hello", Description: "Greets somebody."}, hello)
	server.Run()
}
