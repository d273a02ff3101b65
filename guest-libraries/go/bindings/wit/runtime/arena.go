package runtime

import (
	"strings"
	"unsafe"
)

// An arena is the memory that the host writes arguments and results to.
//
// It is not part of the Go heap. While the host calls cabi_realloc, the component must not call an
// import: that would trap. The Go heap reads the clock, which is an import, when it grows or collects
// garbage. So cabi_realloc takes memory from the arena, and bindings copy what they find there with
// String and Bytes. Unpin then makes the whole arena free again.
//
// Unpin is called when the next export begins, so the results of all imports of one call add up: a call that
// reads 100 answers of 1 MB needs 100 MB. The end of an import could not make the arena free: Go may change to
// another goroutine, with an import of its own, before the bindings have copied the result of the first.
//
// For the same reason no goroutine may outlive the export that has started it: the next export would make
// the arena free while that goroutine reads a result.
type arena struct {
	start, size uintptr
	used        uintptr
}

var hostMemory arena

// The smallest part of memory that the arena takes: one page of WebAssembly.
const pageSize = 1 << 16

// allocate returns memory of the arena. A larger part of memory replaces one that is full. Memory is never
// given back to the system, so the parts double in size.
func (a *arena) allocate(size, align uintptr) unsafe.Pointer {
	offset := alignUp(a.start+a.used, align) - a.start
	if a.start == 0 || offset+size > a.size {
		a.size = max(pageSize, 2*a.size, alignUp(size, pageSize))
		a.start = uintptr(takeMemory(a.size))
		if a.start == 0 {
			panic("out of memory")
		}
		offset = 0
	}
	a.used = offset + size
	return unsafe.Pointer(a.start + offset)
}

func alignUp(address, align uintptr) uintptr {
	return (address + align - 1) &^ (align - 1)
}

// isInitialized tells memory for the host's records from memory for the adapter of WASI, which calls
// cabi_realloc once, before Go runs, and keeps the result.
var isInitialized bool

func init() {
	isInitialized = true
}

// Unpin frees what the host has written. Bindings call it when they have copied the arguments of an export.
// No import is pending then, because imports block, and goroutines end with the handler that has started them.
func Unpin() {
	hostMemory.used = 0
}

// String copies text of the arena.
func String(start *uint8, length uint32) string {
	return strings.Clone(unsafe.String(start, length))
}

// Bytes copies bytes of the arena.
func Bytes(start *uint8, length uint32) []byte {
	bytes := make([]byte, length)
	copy(bytes, unsafe.Slice(start, length))
	return bytes
}
