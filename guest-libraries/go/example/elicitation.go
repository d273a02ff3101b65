package main

import (
	"encoding/json"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addElicitationTools adds tools that ask the user behind the client.
func addElicitationTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "elicit",
		Description: "Asks the user for one value of each primitive schema.",
		Annotations: readOnly,
	}, elicit)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "elicit-other-field",
		Description: "Asks the user with a form field of a kind that the interface does not name.",
		Annotations: destructive,
	}, elicitOtherField)
}

// A form has one field of each kind, and of each format of texts.
type form struct {
	Name        string   `json:"name" title:"Name" jsonschema:"What to call you" minLength:"1" maxLength:"40" default:"Ada"`
	Age         int      `json:"age" title:"A number" jsonschema:"Within its bounds" minimum:"0" maximum:"150"`
	Ratio       *float64 `json:"ratio,omitempty" title:"A number" jsonschema:"Within its bounds" minimum:"0.5" maximum:"99.5"`
	Agreed      bool     `json:"agreed" title:"Agreed" jsonschema:"Say yes to agree" default:"false"`
	Colour      string   `json:"colour,omitempty" title:"Colour" jsonschema:"Which one" enum:"r,g,b" enumNames:"Red,Green,Blue"`
	Email       string   `json:"email,omitempty" format:"email"`
	Homepage    string   `json:"homepage,omitempty" format:"uri"`
	Birthday    string   `json:"birthday,omitempty" format:"date"`
	Appointment string   `json:"appointment,omitempty" format:"date-time"`
}

type formAnswer struct {
	Action  mcp.ElicitAction `json:"action"`
	Content *form            `json:"content"`
}

func elicit(ctx *mcp.Context, in none) (*mcp.CallToolResult, error) {
	answer, err := mcp.Elicit[form](ctx, &mcp.ElicitParams{Message: "Please fill in the form.", Meta: meta, Extra: extra})
	if err != nil {
		return nil, err
	}
	return &mcp.CallToolResult{StructuredContent: formAnswer{answer.Action, answer.Content}, Meta: answer.Meta}, nil
}

type otherField struct {
	JSON    string `json:"json"`
	Message string `json:"message" default:"A field of another kind"`
}

func elicitOtherField(ctx *mcp.Context, in otherField) (string, error) {
	schema, err := json.Marshal(map[string]any{
		"type": "object", "properties": map[string]json.RawMessage{"field": json.RawMessage(in.JSON)},
	})
	if err != nil {
		return "", err
	}
	answer, err := mcp.Elicit[map[string]json.RawMessage](ctx, &mcp.ElicitParams{Message: in.Message, RequestedSchema: schema})
	if err != nil {
		return "", err
	}
	if answer.Content == nil {
		return "none", nil
	}
	return string((*answer.Content)["field"]), nil
}
