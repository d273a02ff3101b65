package main

import (
	"fmt"
	"math"
	"time"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addProgressTools adds tools that report the progress of their request.
func addProgressTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "report-progress",
		Description: "Reports progress step by step: 0 of `steps`, 1 of `steps`, and so on.",
		Annotations: readOnly,
	}, reportProgress)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "misreport-progress",
		Description: "Reports progress that is not allowed, and tells what the host answered to each report.",
		Annotations: readOnly,
	}, misreportProgress)
}

type steps struct {
	Steps        int  `json:"steps" default:"3" minimum:"0" maximum:"100000"`
	Milliseconds int  `json:"milliseconds" jsonschema:"Between two steps" default:"0" minimum:"0" maximum:"60000"`
	Total        bool `json:"total" jsonschema:"Tells the total, as it does by default" default:"true"`
}

func reportProgress(ctx *mcp.Context, in steps) (string, error) {
	total := 0.0
	if in.Total {
		total = float64(in.Steps)
	}
	for step := range in.Steps + 1 {
		if step > 0 {
			time.Sleep(time.Duration(in.Milliseconds) * time.Millisecond)
		}
		if err := ctx.ReportProgress(float64(step), total, fmt.Sprintf("Step %d of %d", step, in.Steps)); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("Reported %d times", in.Steps+1), nil
}

type answers struct {
	Answers []string `json:"answers"`
}

func misreportProgress(ctx *mcp.Context, in none) (answers, error) {
	var found answers
	// The first and the last are allowed.
	for _, progress := range []float64{1, 1, 0.5, math.NaN(), math.Inf(1), 2.5} {
		found.Answers = append(found.Answers, answerOf(ctx.ReportProgress(progress, 0, "")))
	}
	return found, nil
}
