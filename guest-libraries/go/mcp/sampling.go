package mcp

import (
	"encoding/json"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
	sampling "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_sampling"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// A SamplingMessage is one message of a conversation with the client's model.
type SamplingMessage struct {
	Role    Role
	Content SamplingContent
}

func (m *SamplingMessage) record() content.SamplingMessage {
	return content.SamplingMessage{Role: m.Role.record(), Content: m.Content.sampled()}
}

// ModelPreferences are wishes for the client's choice of a model. Priorities are from 0 to 1.
type ModelPreferences struct {
	Hints                []ModelHint
	CostPriority         *float64
	SpeedPriority        *float64
	IntelligencePriority *float64
}

// A ModelHint is a part of a model's name.
type ModelHint struct {
	Name string
}

func (h ModelHint) record() content.ModelHint {
	return content.ModelHint{Name: optionalText(h.Name)}
}

func (p *ModelPreferences) record() wit.Option[content.ModelPreferences] {
	if p == nil {
		return wit.None[content.ModelPreferences]()
	}
	return wit.Some(content.ModelPreferences{
		Hints:                slice(mapped(p.Hints, ModelHint.record)),
		CostPriority:         pointed(p.CostPriority),
		SpeedPriority:        pointed(p.SpeedPriority),
		IntelligencePriority: pointed(p.IntelligencePriority),
	})
}

// IncludeContext is the context that the client gives its model besides the messages. It is empty where the server
// does not say.
type IncludeContext string

// The contexts.
const (
	IncludeNone       IncludeContext = "none"
	IncludeThisServer IncludeContext = "thisServer"
	IncludeAllServers IncludeContext = "allServers"
)

func (c IncludeContext) record() wit.Option[content.IncludeContext] {
	switch c {
	case IncludeNone:
		return wit.Some(content.IncludeContextNone)
	case IncludeThisServer:
		return wit.Some(content.IncludeContextThisServer)
	case IncludeAllServers:
		return wit.Some(content.IncludeContextAllServers)
	}
	return wit.None[content.IncludeContext]()
}

// CreateMessageParams are a request to the client's model. Messages and MaxTokens are needed.
type CreateMessageParams struct {
	Messages         []*SamplingMessage
	MaxTokens        uint32
	ModelPreferences *ModelPreferences
	SystemPrompt     string
	IncludeContext   IncludeContext
	Temperature      *float64
	StopSequences    []string
	// Metadata is for the provider of the model: one JSON object.
	Metadata json.RawMessage
	Meta     json.RawMessage
	Extra    json.RawMessage
}

func (p *CreateMessageParams) record() content.CreateMessageParams {
	return content.CreateMessageParams{
		Messages:         mapped(p.Messages, (*SamplingMessage).record),
		MaxTokens:        p.MaxTokens,
		ModelPreferences: p.ModelPreferences.record(),
		SystemPrompt:     optionalText(p.SystemPrompt),
		IncludeContext:   p.IncludeContext.record(),
		Temperature:      pointed(p.Temperature),
		StopSequences:    slice(mapped(p.StopSequences, valid)),
		Metadata:         text(p.Metadata),
		Meta:             text(p.Meta),
		Extra:            text(p.Extra),
	}
}

// A CreateMessageResult is the answer of the client's model.
type CreateMessageResult struct {
	Role       Role
	Content    SamplingContent
	Model      string
	StopReason string
	Meta       json.RawMessage
	Extra      json.RawMessage
}

// CreateMessage asks the client's model. A refusal of the client is a *RequestError.
func (c *Context) CreateMessage(params *CreateMessageParams) (*CreateMessageResult, error) {
	record, err := finished(sampling.CreateMessage(c.request, params.record()))
	if err != nil {
		return nil, err
	}
	return &CreateMessageResult{
		Role:       roleOf(record.Role),
		Content:    samplingContentOf(record.Content),
		Model:      record.Model,
		StopReason: record.StopReason.SomeOr(""),
		Meta:       jsonOf(record.Meta),
		Extra:      jsonOf(record.Extra),
	}, nil
}

// Sample asks the client's model a question, and returns the text of its answer.
func (c *Context) Sample(question string, maxTokens uint32) (string, error) {
	result, err := c.CreateMessage(&CreateMessageParams{
		Messages:  []*SamplingMessage{{RoleUser, &TextContent{Text: question}}},
		MaxTokens: maxTokens,
	})
	if err != nil {
		return "", err
	}
	if answer, isText := result.Content.(*TextContent); isText {
		return answer.Text, nil
	}
	return "", &RequestError{Code: CodeInternalError, Message: "the client's model has answered with something else than text"}
}
