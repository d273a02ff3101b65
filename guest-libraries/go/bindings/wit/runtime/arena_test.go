package runtime

import (
	"testing"
	"unsafe"
)

func TestTheArenaIsUsedAgain(t *testing.T) {
	var memory arena
	first := memory.allocate(3, 1)
	second := memory.allocate(8, 8)
	if uintptr(second)%8 != 0 || uintptr(second) < uintptr(first)+3 {
		t.Errorf("found %v after %v", second, first)
	}
	memory.used = 0
	if again := memory.allocate(1, 1); again != first {
		t.Errorf("expected %v again, found %v", first, again)
	}
}

func TestTheArenaGrows(t *testing.T) {
	var memory arena
	memory.allocate(1, 1)
	large := memory.allocate(3*pageSize+1, 1)
	if memory.size != 4*pageSize || memory.start != uintptr(large) {
		t.Errorf("found %+v for %v", memory, large)
	}
	memory.allocate(pageSize, 4)
	if memory.size != 8*pageSize {
		t.Errorf("expected twice the size, found %+v", memory)
	}
}

func TestTextOfTheArenaIsCopied(t *testing.T) {
	start := (*uint8)(hostMemory.allocate(2, 1))
	written := unsafe.Slice(start, 2)
	copy(written, "ab")
	text, bytes := String(start, 2), Bytes(start, 2)
	Unpin()
	copy(unsafe.Slice((*uint8)(hostMemory.allocate(2, 1)), 2), "cd")
	if text != "ab" || string(bytes) != "ab" {
		t.Errorf("found %q and %q", text, bytes)
	}
}

func TestAHandleIsUsedUntilItIsDropped(t *testing.T) {
	handle := MakeHandle(7)
	if handle.Use() != 7 || handle.Take() != 7 {
		t.Error("expected 7")
	}
	defer func() {
		if found := recover(); found != "a resource was used after it was dropped" {
			t.Errorf("found %v", found)
		}
	}()
	handle.Use()
}
