package mcp

import (
	"encoding/json"

	content "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_content"
)

// Content is one piece of a tool's result or of a message: *TextContent, *ImageContent, *AudioContent,
// *ResourceLink, *EmbeddedResource or *OtherContent.
type Content interface {
	block() content.ContentBlock
}

// SamplingContent is the content that a conversation with the client's model can have: *TextContent,
// *ImageContent, *AudioContent or *OtherContent.
type SamplingContent interface {
	Content
	sampled() content.SamplingContent
}

// TextContent is text for a person or a model.
type TextContent struct {
	Text        string
	Annotations *Annotations
	Meta        json.RawMessage
	Extra       json.RawMessage
}

func (c *TextContent) record() content.TextContent {
	return content.TextContent{
		Text: valid(c.Text), Annotations: c.Annotations.record(), Meta: text(c.Meta), Extra: text(c.Extra),
	}
}

func (c *TextContent) block() content.ContentBlock {
	return content.MakeContentBlockText(c.record())
}

func (c *TextContent) sampled() content.SamplingContent {
	return content.MakeSamplingContentText(c.record())
}

// ImageContent is an image.
type ImageContent struct {
	Data        []byte
	MIMEType    string
	Annotations *Annotations
	Meta        json.RawMessage
	Extra       json.RawMessage
}

func (c *ImageContent) record() content.ImageContent {
	return content.ImageContent{
		Data: c.Data, MimeType: valid(c.MIMEType), Annotations: c.Annotations.record(), Meta: text(c.Meta), Extra: text(c.Extra),
	}
}

func (c *ImageContent) block() content.ContentBlock {
	return content.MakeContentBlockImage(c.record())
}

func (c *ImageContent) sampled() content.SamplingContent {
	return content.MakeSamplingContentImage(c.record())
}

// AudioContent is a piece of audio.
type AudioContent struct {
	Data        []byte
	MIMEType    string
	Annotations *Annotations
	Meta        json.RawMessage
	Extra       json.RawMessage
}

func (c *AudioContent) record() content.AudioContent {
	return content.AudioContent{
		Data: c.Data, MimeType: valid(c.MIMEType), Annotations: c.Annotations.record(), Meta: text(c.Meta), Extra: text(c.Extra),
	}
}

func (c *AudioContent) block() content.ContentBlock {
	return content.MakeContentBlockAudio(c.record())
}

func (c *AudioContent) sampled() content.SamplingContent {
	return content.MakeSamplingContentAudio(c.record())
}

// A ResourceLink leads to a resource that the client may read.
type ResourceLink struct {
	URI         string
	Name        string
	Title       string
	Description string
	MIMEType    string
	Size        *float64
	Annotations *Annotations
	Meta        json.RawMessage
	Extra       json.RawMessage
}

func (c *ResourceLink) block() content.ContentBlock {
	return content.MakeContentBlockResourceLink(content.ResourceLink{
		Uri:         valid(c.URI),
		Name:        valid(c.Name),
		Title:       optionalText(c.Title),
		Description: optionalText(c.Description),
		MimeType:    optionalText(c.MIMEType),
		Size:        pointed(c.Size),
		Annotations: c.Annotations.record(),
		Meta:        text(c.Meta),
		Extra:       text(c.Extra),
	})
}

// ResourceContents are text, or bytes where Blob is not nil.
type ResourceContents struct {
	URI      string
	MIMEType string
	Text     string
	Blob     []byte
	Meta     json.RawMessage
	Extra    json.RawMessage
}

func (c *ResourceContents) record() content.ResourceContents {
	if c.Blob != nil {
		return content.MakeResourceContentsBlob(content.BlobResourceContents{
			Uri: valid(c.URI), MimeType: optionalText(c.MIMEType), Blob: c.Blob, Meta: text(c.Meta), Extra: text(c.Extra),
		})
	}
	return content.MakeResourceContentsText(content.TextResourceContents{
		Uri: valid(c.URI), MimeType: optionalText(c.MIMEType), Text: valid(c.Text), Meta: text(c.Meta), Extra: text(c.Extra),
	})
}

// An EmbeddedResource has the contents of a resource in a message.
type EmbeddedResource struct {
	Resource    *ResourceContents
	Annotations *Annotations
	Meta        json.RawMessage
	Extra       json.RawMessage
}

func (c *EmbeddedResource) block() content.ContentBlock {
	return content.MakeContentBlockEmbeddedResource(content.EmbeddedResource{
		Resource: c.Resource.record(), Annotations: c.Annotations.record(), Meta: text(c.Meta), Extra: text(c.Extra),
	})
}

// OtherContent is content of a type that the interface does not name: the whole JSON object.
type OtherContent struct {
	JSON json.RawMessage
}

func (c *OtherContent) block() content.ContentBlock {
	return content.MakeContentBlockOther(valid(string(c.JSON)))
}

func (c *OtherContent) sampled() content.SamplingContent {
	return content.MakeSamplingContentOther(valid(string(c.JSON)))
}

// samplingContentOf returns the content that the client's model has answered with.
func samplingContentOf(record content.SamplingContent) SamplingContent {
	switch record.Tag() {
	case content.SamplingContentText:
		text := record.Text()
		return &TextContent{text.Text, annotationsOf(text.Annotations), jsonOf(text.Meta), jsonOf(text.Extra)}
	case content.SamplingContentImage:
		image := record.Image()
		return &ImageContent{
			image.Data, image.MimeType, annotationsOf(image.Annotations), jsonOf(image.Meta), jsonOf(image.Extra),
		}
	case content.SamplingContentAudio:
		audio := record.Audio()
		return &AudioContent{
			audio.Data, audio.MimeType, annotationsOf(audio.Annotations), jsonOf(audio.Meta), jsonOf(audio.Extra),
		}
	default:
		return &OtherContent{json.RawMessage(record.Other())}
	}
}
