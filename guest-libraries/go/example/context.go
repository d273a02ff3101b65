package main

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/WebAssembly/wasi-mcp/guest-libraries/go/mcp"
)

// addContextTools adds what a handler sees of its request and its instance.
func addContextTools(server *mcp.Server) {
	mcp.AddTool(server, &mcp.Tool{
		Name:        "describe-request",
		Description: "Tells the request's id, `_meta`, progress token, client and further members; hands `_meta` back without the token.",
		Annotations: readOnly,
	}, describeRequest)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "describe-instance",
		Description: "Tells what this instance has seen: calls, subscriptions, cancellations, client events.",
		Annotations: readOnly,
	}, describeInstance)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "whoami",
		Description: "Tells who makes the request: the claims of the access token that the host shows.",
		Annotations: readOnly,
	}, whoami)
	mcp.AddTool(server, &mcp.Tool{
		Name:        "late-context",
		Description: "Keeps a clone of its context; the next call uses it and tells what the host answered.",
		Annotations: changing,
	}, lateContext)
}

type requestDescription struct {
	ID            json.RawMessage   `json:"id"`
	Meta          json.RawMessage   `json:"meta"`
	ProgressToken json.RawMessage   `json:"progressToken"`
	Client        clientDescription `json:"client"`
	Cancelled     bool              `json:"cancelled"`
	Extra         json.RawMessage   `json:"extra"`
}

type clientDescription struct {
	Info            *implementation            `json:"info"`
	ProtocolVersion string                     `json:"protocolVersion"`
	LogLevel        mcp.LogLevel               `json:"logLevel"`
	Roots           *rootsDescription          `json:"roots"`
	Sampling        json.RawMessage            `json:"sampling"`
	Elicitation     json.RawMessage            `json:"elicitation"`
	Experimental    map[string]json.RawMessage `json:"experimental"`
	Extra           json.RawMessage            `json:"extra"`
}

type implementation struct {
	Name    string          `json:"name"`
	Title   string          `json:"title"`
	Version string          `json:"version"`
	Extra   json.RawMessage `json:"extra"`
}

type rootsDescription struct {
	ListChanged *bool `json:"listChanged"`
}

func describeRequest(ctx *mcp.Context, in none) (*mcp.CallToolResult, error) {
	state.calls++
	client := ctx.Client()
	description := requestDescription{
		ID:            ctx.ID(),
		Meta:          ctx.Meta(),
		ProgressToken: ctx.ProgressToken(),
		Cancelled:     ctx.IsCancelled(),
		Extra:         ctx.Extra(),
		Client: clientDescription{
			ProtocolVersion: client.ProtocolVersion,
			LogLevel:        client.LogLevel,
			Sampling:        client.Capabilities.Sampling,
			Elicitation:     client.Capabilities.Elicitation,
			Experimental:    client.Capabilities.Experimental,
			Extra:           client.Capabilities.Extra,
		},
	}
	if info := client.Info; info != nil {
		description.Client.Info = &implementation{info.Name, info.Title, info.Version, info.Extra}
	}
	if roots := client.Capabilities.Roots; roots != nil {
		description.Client.Roots = &rootsDescription{roots.ListChanged}
	}
	meta, err := withoutProgressToken(ctx.Meta())
	return &mcp.CallToolResult{StructuredContent: description, Meta: meta}, err
}

// withoutProgressToken removes the token, which belongs to the request; the other members may be echoed.
func withoutProgressToken(meta json.RawMessage) (json.RawMessage, error) {
	if meta == nil {
		return nil, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(meta, &members); err != nil {
		return nil, err
	}
	delete(members, "progressToken")
	return json.Marshal(members)
}

type instanceDescription struct {
	Calls          int       `json:"calls"`
	Added          bool      `json:"added"`
	WatchedVersion int       `json:"watchedVersion"`
	Subscriptions  []string  `json:"subscriptions"`
	Cancellations  []*string `json:"cancellations"`
	Initialized    int       `json:"initialized"`
	RootsChanged   int       `json:"rootsChanged"`
	Roots          []string  `json:"roots"`
}

func describeInstance(ctx *mcp.Context, in none) (instanceDescription, error) {
	roots := []string{}
	for _, root := range state.roots {
		roots = append(roots, root.URI)
	}
	return instanceDescription{
		Calls:          state.calls,
		Added:          state.isAdded,
		WatchedVersion: state.watchedVersion,
		Subscriptions:  slices.AppendSeq([]string{}, slices.Values(slices.Sorted(maps.Keys(state.subscriptions)))),
		Cancellations:  append([]*string{}, state.cancellations...),
		Initialized:    state.initialized,
		RootsChanged:   state.rootsChanged,
		Roots:          roots,
	}, nil
}

type caller struct {
	Issuer   string                     `json:"issuer"`
	Subject  string                     `json:"subject"`
	ClientID string                     `json:"clientId"`
	Scopes   []string                   `json:"scopes"`
	Claims   map[string]json.RawMessage `json:"claims"`
}

type identity struct {
	Principal *caller `json:"principal"`
}

func whoami(ctx *mcp.Context, in none) (identity, error) {
	principal := ctx.Principal()
	if principal == nil {
		return identity{}, nil
	}
	return identity{&caller{
		principal.Issuer, principal.Subject, principal.ClientID, principal.Scopes, principal.Claims,
	}}, nil
}

type lateAnswers struct {
	ReportProgress string `json:"reportProgress"`
	Log            string `json:"log"`
	CreateMessage  string `json:"createMessage"`
	ListRoots      string `json:"listRoots"`
	IsCancelled    bool   `json:"isCancelled"`
}

type lateness struct {
	Late *lateAnswers `json:"late"`
}

func lateContext(ctx *mcp.Context, in none) (lateness, error) {
	late := state.keptContext
	state.keptContext = ctx.Clone()
	if late == nil {
		return lateness{}, nil
	}
	defer late.Drop()
	_, sampling := late.Sample("Too late?", 100)
	_, roots := late.ListRoots(nil)
	return lateness{&lateAnswers{
		ReportProgress: answerOf(late.ReportProgress(1_000_000, 0, "")),
		Log:            answerOf(late.Log(mcp.LogEmergency, "", "too late")),
		CreateMessage:  answerOf(sampling),
		ListRoots:      answerOf(roots),
		IsCancelled:    late.IsCancelled(),
	}}, nil
}

// answerOf returns the code of an error, or ok.
func answerOf(err error) string {
	var refusal *mcp.RequestError
	if errors.As(err, &refusal) {
		return refusal.Code.String()
	}
	return "ok"
}
