package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// The pause between two steps of a tool that works for a while.
const step = 50 * time.Millisecond

// addPublicSuite adds the tools that MCP's public conformance suite requires of a server, under its names.
func addPublicSuite(server *mcp.Server) {
	tool := func(name, description string) *mcp.Tool {
		return &mcp.Tool{Name: name, Description: description, Annotations: readOnly}
	}
	mcp.AddTool(server, tool("test_simple_text", "Answers with a text."),
		func(ctx *mcp.Context, in none) (string, error) {
			return "This is a simple text response for testing.", nil
		})
	mcp.AddTool(server, tool("test_image_content", "Answers with an image."),
		func(ctx *mcp.Context, in none) (*mcp.ImageContent, error) { return image, nil })
	mcp.AddTool(server, tool("test_audio_content", "Answers with a sound."),
		func(ctx *mcp.Context, in none) (*mcp.AudioContent, error) { return audio, nil })
	mcp.AddTool(server, tool("test_embedded_resource", "Answers with an embedded resource."), testEmbeddedResource)
	mcp.AddTool(server, tool("test_multiple_content_types", "Answers with a text, an image and an embedded resource."),
		testMultipleContentTypes)
	mcp.AddTool(server, tool("test_error_handling", "Answers with a failure of the tool."),
		func(ctx *mcp.Context, in none) (any, error) {
			return nil, errors.New("This tool intentionally returns an error for testing")
		})
	mcp.AddTool(server, tool("test_tool_with_logging", "Logs three messages, some time apart."), testToolWithLogging)
	mcp.AddTool(server, tool("test_tool_with_progress", "Reports progress three times, some time apart."), testToolWithProgress)
	mcp.AddTool(server, tool("test_sampling", "Asks the client's model."), testSampling)
	mcp.AddTool(server, tool("test_elicitation", "Asks the user for a name and an address."), testElicitation)
	mcp.AddTool(server, tool("test_elicitation_sep1034_defaults", "Asks the user for values that have defaults."),
		testElicitationDefaults)
	mcp.AddTool(server, tool("test_elicitation_sep1330_enums", "Asks the user to choose, in each form of a choice of one."),
		testElicitationEnums)
	mcp.AddTool(server, tool("test_reconnection", "Works for a while, so that the client can come back for the answer."),
		func(ctx *mcp.Context, in none) (string, error) {
			time.Sleep(2 * step)
			return "Reconnection test completed", nil
		})
	contact := tool("json_schema_2020_12_tool", "Has an input schema that uses much of JSON Schema 2020-12.")
	contact.InputSchema = json.RawMessage(contactSchema)
	mcp.AddTool(server, contact, reachContact)
}

func testEmbeddedResource(ctx *mcp.Context, in none) (*mcp.EmbeddedResource, error) {
	return &mcp.EmbeddedResource{Resource: &mcp.ResourceContents{
		URI: "test://embedded-resource", MIMEType: "text/plain", Text: "This is an embedded resource content.",
	}}, nil
}

func testMultipleContentTypes(ctx *mcp.Context, in none) ([]mcp.Content, error) {
	return []mcp.Content{
		&mcp.TextContent{Text: "Multiple content types test:"},
		image,
		&mcp.EmbeddedResource{Resource: &mcp.ResourceContents{
			URI: "test://mixed-content-resource", MIMEType: "application/json", Text: `{"test":"data","value":123}`,
		}},
	}, nil
}

func testToolWithLogging(ctx *mcp.Context, in none) (string, error) {
	for index, message := range []string{"Tool execution started", "Tool processing data", "Tool execution completed"} {
		if index > 0 {
			time.Sleep(step)
		}
		if err := ctx.Info(message); err != nil {
			return "", err
		}
	}
	return "Logged three messages", nil
}

func testToolWithProgress(ctx *mcp.Context, in none) (string, error) {
	for index, progress := range []float64{0, 50, 100} {
		if index > 0 {
			time.Sleep(step)
		}
		if err := ctx.ReportProgress(progress, 100, ""); err != nil {
			return "", err
		}
	}
	return "Reported three times", nil
}

func testSampling(ctx *mcp.Context, in question) (string, error) {
	text, err := ctx.Sample(in.Prompt, 100)
	return "LLM response: " + text, err
}

type elicitation struct {
	Message string `json:"message"`
}

type person struct {
	Username string `json:"username" jsonschema:"The user's name"`
	Email    string `json:"email" jsonschema:"The user's address"`
}

func testElicitation(ctx *mcp.Context, in elicitation) (string, error) {
	return ask[person](ctx, &mcp.ElicitParams{Message: in.Message})
}

type defaults struct {
	Name     string  `json:"name" default:"John Doe"`
	Age      int     `json:"age" default:"30"`
	Score    float64 `json:"score" default:"95.5"`
	Status   string  `json:"status" enum:"active,inactive,pending" default:"active"`
	Verified bool    `json:"verified" default:"true"`
}

func testElicitationDefaults(ctx *mcp.Context, in none) (string, error) {
	return ask[defaults](ctx, &mcp.ElicitParams{Message: "Please check the defaults."})
}

const choices = `{
	"type": "object",
	"properties": {
		"untitledSingle": {"type": "string", "enum": ["option1", "option2", "option3"]},
		"titledSingle": {"type": "string", "oneOf": [
			{"const": "value1", "title": "First"},
			{"const": "value2", "title": "Second"},
			{"const": "value3", "title": "Third"}
		]},
		"legacyEnum": {
			"type": "string", "enum": ["option1", "option2", "option3"], "enumNames": ["One", "Two", "Three"]
		}
	}
}`

func testElicitationEnums(ctx *mcp.Context, in none) (string, error) {
	return ask[map[string]any](ctx, &mcp.ElicitParams{
		Message: "Please choose.", RequestedSchema: json.RawMessage(choices),
	})
}

func ask[Form any](ctx *mcp.Context, params *mcp.ElicitParams) (string, error) {
	answer, err := mcp.Elicit[Form](ctx, params)
	if err != nil {
		return "", err
	}
	content, err := json.Marshal(answer.Content)
	return fmt.Sprintf("User response: action=%s, content=%s", answer.Action, content), err
}

const contactSchema = `{
	"$schema": "https://json-schema.org/draft/2020-12/schema",
	"type": "object",
	"$defs": {
		"address": {
			"$anchor": "addressDef",
			"type": "object",
			"properties": {"street": {"type": "string"}, "city": {"type": "string"}}
		}
	},
	"properties": {
		"name": {"type": "string"},
		"address": {"$ref": "#/$defs/address"},
		"contactMethod": {"type": "string", "enum": ["phone", "email"]},
		"phone": {"type": "string"},
		"email": {"type": "string"}
	},
	"allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
	"if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
	"then": {"required": ["phone"]},
	"else": {"required": ["email"]},
	"additionalProperties": false
}`

type contact struct {
	Name          string         `json:"name"`
	Address       map[string]any `json:"address"`
	ContactMethod string         `json:"contactMethod"`
	Phone         string         `json:"phone"`
	Email         string         `json:"email"`
}

func reachContact(ctx *mcp.Context, in contact) (string, error) {
	way := in.Email
	if in.ContactMethod == "phone" {
		way = in.Phone
	}
	return fmt.Sprintf("%s %v: %s", in.Name, in.Address, way), nil
}
