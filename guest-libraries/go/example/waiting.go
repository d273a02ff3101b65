package main

import (
	"fmt"
	"time"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addWaitingTools adds tools that wait.
func addWaitingTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "sleep",
		Description: "Waits for the given time, cancelled or not.",
		Annotations: readOnly,
	}, sleep)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "wait-until-cancelled",
		Description: "Waits until the request is cancelled; `describe-instance` then shows the cancellation.",
		Annotations: readOnly,
	}, waitUntilCancelled)
}

type pause struct {
	Milliseconds int `json:"milliseconds" minimum:"0" maximum:"600000"`
}

func sleep(ctx *mcp.Context, in pause) (string, error) {
	time.Sleep(time.Duration(in.Milliseconds) * time.Millisecond)
	return fmt.Sprintf("Slept %d ms", in.Milliseconds), nil
}

func waitUntilCancelled(ctx *mcp.Context, in none) (string, error) {
	ctx.WaitCancelled()
	state.cancellations = append(state.cancellations, nil)
	return "Cancelled", nil // The host discards this: the client no longer waits for it.
}
