//go:build linux

package local

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestDiskFull has data folders on a small file system of their own.
func TestDiskFull(t *testing.T) {
	needRoot(t)
	dir := newState(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=20m,mode=0711"); err != nil {
		t.Skip("cannot mount: ", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	grow := func(size string) {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "mode=0711,size="+size); err != nil {
			t.Fatal(err)
		}
	}
	full := func(what string) {
		t.Helper()
		_, err := Start(t.Context(), dir)
		if err == nil || !strings.Contains(err.Error(), "the disk is full") {
			t.Errorf("%s: got %v", what, err)
		} else {
			t.Logf("%s: %v", what, err)
		}
	}
	full("making the data folder")
	grow("120m")
	s := start(t, dir)
	keep(t, s)
	stop(t, s)

	ballast := filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 4096); err == nil; {
		_, err = f.Write(chunk)
	}
	f.Close()
	full("starting")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	s = start(t, dir)
	if got := mustQuery(t, s.DSN(), "SELECT word FROM kept"); got != "kept" {
		t.Errorf("after the disk was full: got %q", got)
	}
	stop(t, s)
}
