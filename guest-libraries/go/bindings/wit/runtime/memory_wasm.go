package runtime

import "unsafe"

// takeMemory returns memory that the Go heap does not use. Linking it needs the flag -checklinkname=0.
//
//go:linkname takeMemory runtime.sbrk
func takeMemory(size uintptr) unsafe.Pointer

//go:wasmexport cabi_realloc
func cabiRealloc(old unsafe.Pointer, oldSize, align, size uintptr) unsafe.Pointer {
	if old != nil || oldSize != 0 {
		panic("the canonical ABI of these bindings never resizes memory")
	}
	if !isInitialized {
		return unsafe.Pointer(alignUp(uintptr(takeMemory(size+align)), align))
	}
	return hostMemory.allocate(size, align)
}
