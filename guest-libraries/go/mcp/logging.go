package mcp

import (
	request "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_context"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// A LogLevel is the severity of a log message.
type LogLevel string

// The levels, least severe first.
const (
	LogDebug     LogLevel = "debug"
	LogInfo      LogLevel = "info"
	LogNotice    LogLevel = "notice"
	LogWarning   LogLevel = "warning"
	LogError     LogLevel = "error"
	LogCritical  LogLevel = "critical"
	LogAlert     LogLevel = "alert"
	LogEmergency LogLevel = "emergency"
)

// LogLevels has all levels, least severe first, as the interface numbers them.
var LogLevels = [...]LogLevel{
	LogDebug, LogInfo, LogNotice, LogWarning, LogError, LogCritical, LogAlert, LogEmergency,
}

// Log sends a log message to the client, as part of the request. The data is a string or any other value that
// becomes JSON; the logger is the part of the server that logs, or empty.
func (c *Context) Log(level LogLevel, logger string, data any) error {
	return log(wit.Some(c.request), level, logger, data)
}

// Debug logs at level debug.
func (c *Context) Debug(data any) error {
	return c.Log(LogDebug, "", data)
}

// Info logs at level info.
func (c *Context) Info(data any) error {
	return c.Log(LogInfo, "", data)
}

// Warning logs at level warning.
func (c *Context) Warning(data any) error {
	return c.Log(LogWarning, "", data)
}

// Error logs at level error.
func (c *Context) Error(data any) error {
	return c.Log(LogError, "", data)
}

// Log sends a log message to every session of the instance.
func (s *Server) Log(level LogLevel, logger string, data any) error {
	return log(wit.None[*request.RequestContext](), level, logger, data)
}

func log(ctx wit.Option[*request.RequestContext], level LogLevel, logger string, data any) error {
	text, err := marshal(data)
	if err != nil {
		return err
	}
	for number, known := range LogLevels {
		if known == level {
			return done(sendLog(ctx, uint8(number), optionalText(logger), valid(string(text))))
		}
	}
	return InvalidParams("unknown log level %q: expected one of %v", level, LogLevels)
}
