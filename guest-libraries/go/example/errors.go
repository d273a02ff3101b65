package main

import (
	"encoding/json"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addErrorTools adds a tool that answers with errors of the protocol.
func addErrorTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "answer-error",
		Description: "Answers with an MCP error of the given code, message and data.",
		Annotations: readOnly,
	}, answerError)
}

type protocolError struct {
	Code    int32           `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"`
}

func answerError(ctx *mcp.Context, in protocolError) (any, error) {
	return nil, &mcp.Error{Code: mcp.Code(in.Code), Message: in.Message, Data: in.Data}
}
