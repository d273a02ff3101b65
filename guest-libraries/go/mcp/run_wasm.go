package mcp

import (
	"errors"
	"fmt"
	_ "unsafe" // For linkname.

	exports "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/exports"
	types "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wasi_mcp_types"
	wit "github.com/WebAssembly/wasi-mcp/guest-libraries/go/bindings/wit/types"
)

// programMain is main of the program, which Go does not call in a component. It is called in the first export:
// mistakes are then errors of that export, and not traps.
//
//go:linkname programMain main.main
func programMain()

// running is the server that serves.
var running *Server

func init() {
	if isService {
		setFirstHandlers(func() error { return makeServer((*Server).open) })
	} else {
		exports.Start = start
	}
}

// makeServer has the program make its server, and gets it ready.
func makeServer(ready func(*Server) error) error {
	_, err := guarded(func() (struct{}, error) {
		programMain()
		if running == nil {
			return struct{}{}, errors.New("main returned without calling Run of a server")
		}
		return struct{}{}, ready(running)
	})
	return err
}

// start makes the server of a backend, and registers it.
func start() wit.Result[wit.Unit, types.Error] {
	if err := makeServer((*Server).register); err != nil {
		return wit.Err[wit.Unit](errorRecord(err))
	}
	return wit.Ok[wit.Unit, types.Error](wit.Unit{})
}

func (s *Server) run() {
	if running != nil {
		s.mistakes = append(s.mistakes, fmt.Errorf("%s: %s has called Run already", s.runLine, running.runLine))
	}
	running = s
	setHandlers(s)
	if isService {
		setCatalogs(s)
	}
}
