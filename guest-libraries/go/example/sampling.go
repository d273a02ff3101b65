package main

import (
	"encoding/json"
	"fmt"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addSamplingTools adds tools that ask the client's model.
func addSamplingTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "sample",
		Description: "Asks the client's model, with every parameter filled: a text, an image and a sound.",
		Annotations: readOnly,
	}, sample)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "sample-many",
		Description: "Asks the client's model `count` times: at the same time where calls can overlap, else in turn.",
		Annotations: readOnly,
	}, sampleMany)
}

type question struct {
	Prompt string `json:"prompt"`
}

type answer struct {
	Role       mcp.Role        `json:"role"`
	Model      string          `json:"model"`
	StopReason string          `json:"stopReason,omitempty"`
	Content    description     `json:"content"`
	Extra      json.RawMessage `json:"extra"`
}

// A description has the kind of content, and its text or its size in bytes.
type description struct {
	Type     string          `json:"type,omitempty"`
	Text     string          `json:"text,omitempty"`
	MIMEType string          `json:"mimeType,omitempty"`
	Bytes    int             `json:"bytes,omitempty"`
	Other    json.RawMessage `json:"other,omitempty"`
}

func described(content mcp.SamplingContent) description {
	switch content := content.(type) {
	case *mcp.TextContent:
		return description{Type: "text", Text: content.Text}
	case *mcp.ImageContent:
		return description{Type: "image", MIMEType: content.MIMEType, Bytes: len(content.Data)}
	case *mcp.AudioContent:
		return description{Type: "audio", MIMEType: content.MIMEType, Bytes: len(content.Data)}
	case *mcp.OtherContent:
		return description{Other: content.JSON}
	}
	return description{}
}

func sample(ctx *mcp.Context, in question) (*mcp.CallToolResult, error) {
	found, err := ctx.CreateMessage(&mcp.CreateMessageParams{
		Messages: []*mcp.SamplingMessage{
			{Role: mcp.RoleUser, Content: &mcp.TextContent{Text: in.Prompt}},
			{Role: mcp.RoleUser, Content: image},
			{Role: mcp.RoleAssistant, Content: audio},
		},
		MaxTokens: 100,
		ModelPreferences: &mcp.ModelPreferences{
			Hints:                []mcp.ModelHint{{Name: "small"}, {}},
			CostPriority:         new(0.5),
			SpeedPriority:        new(1.0),
			IntelligencePriority: new(0.0),
		},
		SystemPrompt:   "Be brief.",
		IncludeContext: mcp.IncludeThisServer,
		Temperature:    new(0.7),
		StopSequences:  []string{"END", "\n"},
		Metadata:       json.RawMessage(`{"provider": {"seed": 18446744073709551615}}`),
		Meta:           meta,
		Extra:          extra,
	})
	if err != nil {
		return nil, err
	}
	return &mcp.CallToolResult{
		StructuredContent: answer{found.Role, found.Model, found.StopReason, described(found.Content), found.Extra},
		Meta:              found.Meta,
	}, nil
}

type questionCount struct {
	Count int `json:"count" minimum:"1" maximum:"1000"`
}

type descriptions struct {
	Answers []description `json:"answers"`
}

func sampleMany(ctx *mcp.Context, in questionCount) (descriptions, error) {
	var found descriptions
	for number := range in.Count {
		answer, err := ctx.CreateMessage(&mcp.CreateMessageParams{
			Messages:  []*mcp.SamplingMessage{{Role: mcp.RoleUser, Content: &mcp.TextContent{Text: fmt.Sprintf("Question %d", number)}}},
			MaxTokens: 100,
		})
		if err != nil {
			return found, err
		}
		found.Answers = append(found.Answers, described(answer.Content))
	}
	return found, nil
}
