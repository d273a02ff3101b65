module github.com/WebAssembly/wasi-mcp/guest-libraries/go

go 1.26
