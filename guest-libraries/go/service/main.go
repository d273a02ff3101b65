// A service: a client that cannot ask its user does not see the tool that asks.
package main

import (
	"fmt"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

func main() {
	server := mcp.NewServer(&mcp.Implementation{Name: "hotel", Version: "0.1.0"}, &mcp.ServerOptions{Visible: visible})
	mcp.AddTool(server, &mcp.Tool{Name: "price", Description: "Returns the price of some nights."}, price)
	mcp.AddTool(server, &mcp.Tool{Name: "book", Description: "Asks who is coming, and books a room."}, book)
	// More than one page.
	for number := range rooms {
		mcp.AddResource(server, &mcp.Resource{
			URI: fmt.Sprintf("room://%d", number+1), Name: fmt.Sprintf("room %d", number+1), MIMEType: "text/plain",
		}, func(ctx *mcp.Context) (string, error) { return fmt.Sprintf("Room %d, with two beds.", number+1), nil })
	}
	server.Run()
}

// visible hides the tool that asks the user from clients that cannot ask.
func visible(ctx *mcp.Context, kind mcp.Kind, name string) bool {
	return name != "book" || ctx.Client().Capabilities.Elicitation != nil
}

const rooms = 120

// Stay is what price takes.
type Stay struct {
	Nights int `json:"nights" minimum:"1" maximum:"28"`
}

func price(ctx *mcp.Context, in Stay) (string, error) {
	return fmt.Sprintf("%d nights cost %d.", in.Nights, in.Nights*80), nil
}

// Guest is the form of book.
type Guest struct {
	Name string `json:"name" minLength:"1"`
}

func book(ctx *mcp.Context, in struct{}) (string, error) {
	answer, err := mcp.Elicit[Guest](ctx, &mcp.ElicitParams{Message: "Who is coming?"})
	if err != nil || answer.Action != mcp.ElicitAccept {
		return "Nothing is booked.", err
	}
	return "A room is booked for " + answer.Content.Name + ".", nil
}
