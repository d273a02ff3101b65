package main

import (
	"fmt"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addLogTools adds tools that log, in a request and outside of any.
func addLogTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "log-all-levels",
		Description: "Logs one message at each level, from debug to emergency, tied to this request.",
		Annotations: readOnly,
	}, func(ctx *mcp.Context, in logging) (string, error) {
		return logAllLevels(ctx.Log, in)
	})
	mcp.AddTool(server, &mcp.Tool{
		Name:        "log-to-sessions",
		Description: "Logs one message at each level to every session of this instance.",
		Annotations: readOnly,
	}, func(ctx *mcp.Context, in logging) (string, error) {
		return logAllLevels(server.Log, in)
	})
	mcp.AddTool(server, &mcp.Tool{
		Name:        "flood-logs",
		Description: "Logs `count` numbered messages at level info as fast as it can.",
		Annotations: readOnly,
	}, floodLogs)
}

type logging struct {
	Logger string `json:"logger,omitempty"`
}

type logData struct {
	Level   mcp.LogLevel `json:"level"`
	Message string       `json:"message"`
}

func logAllLevels(log func(level mcp.LogLevel, logger string, data any) error, in logging) (string, error) {
	for _, level := range mcp.LogLevels {
		if err := log(level, in.Logger, logData{level, "A message\nof two lines"}); err != nil {
			return "", err
		}
	}
	return "Logged 8 messages", nil
}

type flood struct {
	Count int `json:"count" minimum:"0" maximum:"1000000"`
}

func floodLogs(ctx *mcp.Context, in flood) (string, error) {
	for number := range in.Count {
		if err := ctx.Log(mcp.LogInfo, "flood", number); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("Logged %d messages", in.Count), nil
}
