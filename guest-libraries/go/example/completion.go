package main

import (
	"strconv"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

var cities = []struct {
	country string
	cities  []string
}{
	{"France", []string{"Lyon", "Marseille", "Paris"}},
	{"Germany", []string{"Berlin", "Hamburg", "Leipzig"}},
	{"Japan", []string{"Kyoto", "Osaka", "Tokyo"}},
}

func addCompletions(server *mcp.Server) {
	server.AddCompletion("journey", "country", mcp.Choices("France", "Germany", "Japan"))
	server.AddCompletion("journey", "city", completeCity)
	server.AddCompletion("test_prompt_with_arguments", "arg1", mcp.Choices("test", "testing", "value"))
	server.AddCompletion("test_prompt_with_arguments", "arg2", mcp.Choices("test", "testing", "value"))
	server.AddCompletion("test_prompt_with_embedded_resource", "resourceUri", mcp.Choices("test://example-resource"))
	server.AddCompletion("failing", "subject", func(*mcp.Context, *mcp.Completion) ([]string, error) {
		return nil, &mcp.Error{Code: mcp.CodeInternalError, Message: "The argument cannot be completed"}
	})
	server.AddCompletion("test://template/{id}/data", "id", mcp.Choices("1", "12", "123"))
	server.AddCompletion("test://integers/{integer}", "integer", completeInteger)
}

// completeCity proposes cities, of the country that is chosen already.
func completeCity(ctx *mcp.Context, completion *mcp.Completion) ([]string, error) {
	chosen, isChosen := completion.Arguments["country"]
	var found []string
	for _, known := range cities {
		if !isChosen || known.country == chosen {
			found = append(found, known.cities...)
		}
	}
	return found, nil
}

// completeInteger proposes more values than one answer holds.
func completeInteger(ctx *mcp.Context, completion *mcp.Completion) ([]string, error) {
	var found []string
	for integer := range integersEnd {
		found = append(found, strconv.Itoa(integer))
	}
	return found, nil
}
