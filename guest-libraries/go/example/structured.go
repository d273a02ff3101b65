package main

import "github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"

// addStructuredTools adds tools with structured content, which an output schema describes.
func addStructuredTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "sum",
		Description: "Adds numbers up.",
		Annotations: readOnly,
	}, addUp)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "echo-structured",
		Description: "Answers with the value it is given as structured content, number text untouched.",
		Annotations: readOnly,
	}, echoStructured)
}

type addends struct {
	Numbers []float64 `json:"numbers"`
}

type sum struct {
	Sum   float64 `json:"sum"`
	Count int     `json:"count"`
}

func addUp(ctx *mcp.Context, in addends) (sum, error) {
	total := sum{Count: len(in.Numbers)}
	for _, number := range in.Numbers {
		total.Sum += number
	}
	return total, nil
}

type anything struct {
	Value any `json:"value" jsonschema:"Any value."`
}

func echoStructured(ctx *mcp.Context, in anything) (anything, error) {
	return in, nil
}
