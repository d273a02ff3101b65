// A server with one tool on the official Go SDK: over stdio, or with a port over Streamable HTTP.
//
// Untested: its module cannot be had where this project is built. It is here to be counted and read.

package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

type HelloArguments struct {
	Name string `json:"name" jsonschema:"the name of the person to greet"`
}

func Hello(ctx context.Context, req *mcp.CallToolRequest, args HelloArguments) (*mcp.CallToolResult, any, error) {
	text := &mcp.TextContent{Text: "Hello, " + args.Name + "!"}
	return &mcp.CallToolResult{Content: []mcp.Content{text}}, nil, nil
}

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "hello", Version: "0.1.0"}, nil)
	mcp.AddTool(server, &mcp.Tool{Name: "hello", Description: "Greets somebody."}, Hello)

	if len(os.Args) > 1 {
		handler := mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return server }, nil)
		http.Handle("/mcp", handler)
		log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
	}
	if err := server.Run(context.Background(), &mcp.StdioTransport{}); err != nil {
		log.Fatal(err)
	}
}
