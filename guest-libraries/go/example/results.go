package main

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addResultTools adds the shapes of a result: each kind of content, a tool's own failure, a large one.
func addResultTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "echo",
		Title:       "Echo",
		Description: "Answers with the text it is given.",
		Annotations: &mcp.ToolAnnotations{
			Title:           "Echo",
			ReadOnlyHint:    new(true),
			DestructiveHint: new(false),
			IdempotentHint:  new(true),
			OpenWorldHint:   new(false),
		},
		Meta:  meta,
		Extra: extra,
	}, echo)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "every-content-kind",
		Description: "Answers with one content block of each kind, every member filled.",
		Annotations: readOnly,
	}, everyContentKind)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "no-content",
		Description: "Answers with an empty list of content.",
		Annotations: readOnly,
	}, noContent)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "fail",
		Description: "Answers with a failure of the tool, which is a result and no error.",
		Annotations: readOnly,
	}, fail)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "panic",
		Description: "Panics, which is a failure of the tool; the operator sees the stack.",
		Annotations: readOnly,
	}, panicking)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "large-text",
		Description: "Answers with a text of the given size.",
		Annotations: readOnly,
	}, largeText)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "return-other-block",
		Description: "Returns the given JSON as a content block of a kind that the interface does not name.",
		Annotations: destructive,
	}, returnOtherBlock)
}

type echoed struct {
	Text string `json:"text" jsonschema:"What to hear again"`
}

func echo(ctx *mcp.Context, in echoed) (string, error) {
	return in.Text, nil
}

func everyContentKind(ctx *mcp.Context, in none) (*mcp.CallToolResult, error) {
	return &mcp.CallToolResult{Content: everyKind, Meta: meta, Extra: extra}, nil
}

func noContent(ctx *mcp.Context, in none) (any, error) {
	return nil, nil
}

type failing struct {
	Message string `json:"message" default:"This tool always fails."`
}

func fail(ctx *mcp.Context, in failing) (any, error) {
	return nil, errors.New(in.Message)
}

func panicking(ctx *mcp.Context, in none) (any, error) {
	panic("The example was asked to panic")
}

type size struct {
	Bytes int `json:"bytes" default:"0" minimum:"0" maximum:"268435456"`
}

func largeText(ctx *mcp.Context, in size) (string, error) {
	return strings.Repeat("x", in.Bytes), nil
}

type otherBlock struct {
	JSON string `json:"json"`
}

func returnOtherBlock(ctx *mcp.Context, in otherBlock) (*mcp.OtherContent, error) {
	return &mcp.OtherContent{JSON: json.RawMessage(in.JSON)}, nil
}
