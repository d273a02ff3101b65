package mcp

import (
	"encoding/json"
	"fmt"

	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
)

// A Code is the kind of a failure: the number of a JSON-RPC error, or one of the three below that are not sent.
type Code int64

// The kinds of failures.
const (
	CodeParseError       Code = -32700
	CodeInvalidRequest   Code = -32600
	CodeMethodNotFound   Code = -32601
	CodeInvalidParams    Code = -32602
	CodeInternalError    Code = -32603
	CodeResourceNotFound Code = -32002

	// CodeCancelled says that the request was cancelled.
	CodeCancelled Code = 1<<32 + iota
	// CodeTimeout says that the client did not answer in time.
	CodeTimeout
	// CodeInvalidState says that the function cannot be called now, as on the context of a request that has ended.
	CodeInvalidState
)

// The names of codes in the interface, with the functions that make them.
var codes = []struct {
	code Code
	name string
	make func() types.ErrorCode
}{
	{CodeParseError, "parse-error", types.MakeErrorCodeParseError},
	{CodeInvalidRequest, "invalid-request", types.MakeErrorCodeInvalidRequest},
	{CodeMethodNotFound, "method-not-found", types.MakeErrorCodeMethodNotFound},
	{CodeInvalidParams, "invalid-params", types.MakeErrorCodeInvalidParams},
	{CodeInternalError, "internal-error", types.MakeErrorCodeInternalError},
	{CodeResourceNotFound, "resource-not-found", types.MakeErrorCodeResourceNotFound},
	{CodeCancelled, "cancelled", types.MakeErrorCodeCancelled},
	{CodeTimeout, "timeout", types.MakeErrorCodeTimeout},
	{CodeInvalidState, "invalid-state", types.MakeErrorCodeInvalidState},
}

// String returns the code's name in the interface, such as invalid-params or other(-1).
func (c Code) String() string {
	for _, known := range codes {
		if known.code == c {
			return known.name
		}
	}
	return fmt.Sprintf("other(%d)", int64(c))
}

func (c Code) record() types.ErrorCode {
	for _, known := range codes {
		if known.code == c {
			return known.make()
		}
	}
	return types.MakeErrorCodeOther(int32(c))
}

func codeOf(record types.ErrorCode) Code {
	for _, known := range codes {
		if known.make().Tag() == record.Tag() {
			return known.code
		}
	}
	return Code(record.Other())
}

// An Error answers a request with a JSON-RPC error. A tool that has failed returns any other error.
type Error struct {
	Code    Code
	Message string
	// Data has details for programs: any JSON value, or nothing.
	Data json.RawMessage
}

// Error returns the message.
func (e *Error) Error() string {
	return e.Message
}

// InvalidParams returns an Error that says which parameter is wrong.
func InvalidParams(format string, arguments ...any) *Error {
	return &Error{Code: CodeInvalidParams, Message: fmt.Sprintf(format, arguments...)}
}

// ResourceNotFound returns the Error of a resource that does not exist.
func ResourceNotFound(uri string) *Error {
	data, _ := json.Marshal(map[string]string{"uri": uri})
	return &Error{Code: CodeResourceNotFound, Message: "resource not found", Data: data}
}

// A RequestError is what the host or the client answered to a request of the server. A tool that returns it has
// failed.
type RequestError struct {
	Code    Code
	Message string
	// Data has details for programs, or nothing.
	Data json.RawMessage
}

// Error returns the code and the message.
func (e *RequestError) Error() string {
	return fmt.Sprintf("%v: %s", e.Code, e.Message)
}

func requestError(record types.Error) *RequestError {
	return &RequestError{codeOf(record.Code), record.Message, jsonOf(record.Data)}
}
