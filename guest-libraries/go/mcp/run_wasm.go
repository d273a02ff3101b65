package mcp

import (
	"errors"
	_ "unsafe" // For linkname.

	exports "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/exports"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// programMain is main of the program, which Go does not call in a component. It is called in start: mistakes are
// then errors of the start, and not traps.
//
//go:linkname programMain main.main
func programMain()

// running is the server that serves, and the error of its start.
var (
	running  *Server
	startErr error
)

func init() {
	exports.Start = start
}

func start() wit.Result[wit.Unit, types.Error] {
	startErr = errors.New("main returned without calling Run of a server")
	_, err := guarded(func() (struct{}, error) {
		programMain()
		return struct{}{}, startErr
	})
	if err != nil {
		return wit.Err[wit.Unit](errorRecord(err))
	}
	return wit.Ok[wit.Unit, types.Error](wit.Unit{})
}

func (s *Server) run() {
	if running != nil {
		startErr = errors.New("main has called Run twice")
		return
	}
	running = s
	setHandlers(s)
	if startErr = s.register(); startErr == nil {
		s.isRunning = true
	}
}
