package leadconnector

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestReplace fails in every step: the file is whole, the old or the new one, and
// nothing else is left.
func TestReplace(t *testing.T) {
	for _, step := range []string{"write", "sync", "rename", "renamed", "dir"} {
		path := filepath.Join(t.TempDir(), "f")
		if err := realDisk.replace(path, []byte("old text")); err != nil {
			t.Fatal(err)
		}
		bad := failingDisk(step, func(bool) bool { return true })
		if err := bad.replace(path, []byte("new text")); err == nil {
			t.Errorf("%s: no error", step)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "old text" && string(text) != "new text" {
			t.Errorf("%s: got %q, %v", step, text, err)
		}
		if names, _ := os.ReadDir(filepath.Dir(path)); len(names) != 1 {
			t.Errorf("%s: left %v", step, names)
		}
	}
}

// failingDisk fails one step of every replacing for which fails says so.
func failingDisk(step string, fails func(begins bool) bool) disk {
	broken := errors.New("no space left on device")
	real := realDisk
	bad := real
	bad.write = func(f *os.File, text []byte) error {
		if fails(true) && step == "write" {
			_, _ = f.Write(text[:len(text)/2])
			return broken
		}
		return real.write(f, text)
	}
	bad.sync = func(f *os.File) error {
		if step == "sync" && fails(false) {
			return broken
		}
		return real.sync(f)
	}
	bad.rename = func(from, to string) error {
		switch {
		case step == "rename" && fails(false):
			return broken
		case step == "renamed" && fails(false):
			return errors.Join(real.rename(from, to), broken)
		}
		return real.rename(from, to)
	}
	bad.syncDir = func(dir string) error {
		if step == "dir" && fails(false) {
			return broken
		}
		return real.syncDir(dir)
	}
	return bad
}
