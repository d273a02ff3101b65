package main

import (
	"fmt"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

func addPrompts(server *mcp.Server) {
	mcp.AddPrompt(server, &mcp.Prompt{Name: "test_simple_prompt", Description: "A text."},
		func(ctx *mcp.Context, in none) (string, error) { return "This is a simple prompt for testing.", nil })
	mcp.AddPrompt(server, &mcp.Prompt{
		Name: "test_prompt_with_arguments", Description: "A text with two arguments in it.",
	}, promptWithArguments)
	mcp.AddPrompt(server, &mcp.Prompt{
		Name: "test_prompt_with_embedded_resource", Description: "A resource and a text.",
	}, promptWithEmbeddedResource)
	mcp.AddPrompt(server, &mcp.Prompt{Name: "test_prompt_with_image", Description: "An image and a text."},
		func(ctx *mcp.Context, in none) ([]mcp.Content, error) {
			return []mcp.Content{image, &mcp.TextContent{Text: "Please analyze the image above."}}, nil
		})
	mcp.AddPrompt(server, &mcp.Prompt{
		Name:        "journey",
		Title:       "Plan a journey",
		Description: "Plans a journey.",
		Arguments: []*mcp.PromptArgument{
			{Name: "country", Title: "Country", Description: "The country to go to.", Required: true, Extra: extra},
			{Name: "city", Description: "The city to stay in.", Required: true},
			{Name: "days", Description: "For how long."},
		},
		Meta:  meta,
		Extra: extra,
	}, planJourney)
	mcp.AddPrompt(server, &mcp.Prompt{
		Name: "every-content-kind", Description: "One message for each kind of content, from user and assistant in turn.",
	}, everyKindAsPrompt)
	mcp.AddPrompt(server, &mcp.Prompt{
		Name: "failing", Description: "Fails where it is given its argument, which cannot be completed either.",
	}, failingPrompt)
}

type promptArguments struct {
	Arg1 string `json:"arg1" jsonschema:"The first argument."`
	Arg2 string `json:"arg2" jsonschema:"The second argument."`
}

func promptWithArguments(ctx *mcp.Context, in promptArguments) (string, error) {
	return fmt.Sprintf("Prompt with arguments: arg1='%s', arg2='%s'", in.Arg1, in.Arg2), nil
}

type embedding struct {
	ResourceURI string `json:"resourceUri" jsonschema:"The resource to embed."`
}

func promptWithEmbeddedResource(ctx *mcp.Context, in embedding) ([]mcp.Content, error) {
	return []mcp.Content{
		&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{
			URI: in.ResourceURI, MIMEType: "text/plain", Text: "Embedded resource content for testing.",
		}},
		&mcp.TextContent{Text: "Please process the embedded resource above."},
	}, nil
}

type journey struct {
	Country string `json:"country"`
	City    string `json:"city"`
	Days    string `json:"days" default:"three"`
}

func planJourney(ctx *mcp.Context, in journey) (*mcp.GetPromptResult, error) {
	text := fmt.Sprintf("Plan %s days in %s, %s.", in.Days, in.City, in.Country)
	return &mcp.GetPromptResult{
		Messages: []*mcp.PromptMessage{{Role: mcp.RoleUser, Content: &mcp.TextContent{Text: text}}},
		Meta:     meta,
		Extra:    extra,
	}, nil
}

func everyKindAsPrompt(ctx *mcp.Context, in none) ([]*mcp.PromptMessage, error) {
	roles := []mcp.Role{mcp.RoleUser, mcp.RoleAssistant}
	var messages []*mcp.PromptMessage
	for index, content := range everyKind {
		messages = append(messages, &mcp.PromptMessage{Role: roles[index%2], Content: content})
	}
	return messages, nil
}

type subject struct {
	Subject *string `json:"subject,omitempty" jsonschema:"What it is about."`
}

func failingPrompt(ctx *mcp.Context, in subject) (string, error) {
	if in.Subject != nil {
		return "", &mcp.Error{Code: mcp.CodeInternalError, Message: "The prompt cannot be had"}
	}
	return "Say nothing of a subject.", nil
}
