package main

import (
	"fmt"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addListTools adds tools that change the lists, and the watched resource.
func addListTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "add-entries",
		Description: "Lists one more tool, resource, resource template and prompt.",
		Annotations: changing,
	}, func(ctx *mcp.Context, in none) (string, error) {
		if !state.isAdded {
			addEntries(server)
			state.isAdded = true
		}
		return "Added", nil
	})
	mcp.AddTool(server, &mcp.Tool{
		Name:        "remove-entries",
		Description: "Withdraws the entries that `add-entries` added.",
		Annotations: changing,
	}, func(ctx *mcp.Context, in none) (string, error) {
		if state.isAdded {
			server.RemoveTools("added-tool")
			server.RemoveResources("test://added")
			server.RemoveResourceTemplates("test://added/{name}")
			server.RemovePrompts("added-prompt")
			state.isAdded = false
		}
		return "Removed", nil
	})
	mcp.AddTool(server, &mcp.Tool{
		Name:        "touch-resource",
		Description: "Changes the watched resource, or with `part` a sub-resource of it, and tells subscribers.",
		Annotations: changing,
	}, func(ctx *mcp.Context, in touch) (string, error) {
		state.watchedVersion++
		part := ""
		if in.Part {
			part = watchedPart
		}
		server.ResourceUpdated(watched, part)
		return fmt.Sprintf("Version %d", state.watchedVersion), nil
	})
}

type touch struct {
	Part bool `json:"part" default:"false"`
}

const added = "Is listed after `add-entries`."

func addEntries(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{Name: "added-tool", Description: added, Annotations: readOnly},
		func(ctx *mcp.Context, in none) (string, error) { return "I was added", nil })
	mcp.AddResource(server, &mcp.Resource{
		URI: "test://added", Name: "added", Description: added, MIMEType: "text/plain",
	}, func(ctx *mcp.Context) (string, error) { return "I was added", nil })
	mcp.AddResourceTemplate(server, &mcp.ResourceTemplate{
		URITemplate: "test://added/{name}", Name: "added", Description: added, MIMEType: "text/plain",
	}, func(ctx *mcp.Context, in addedName) (string, error) { return "Added " + in.Name, nil })
	mcp.AddPrompt(server, &mcp.Prompt{Name: "added-prompt", Description: added},
		func(ctx *mcp.Context, in none) (string, error) { return "I was added", nil })
}

type addedName struct {
	Name string `json:"name"`
}
