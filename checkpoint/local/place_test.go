//go:build darwin || freebsd || linux

package local

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root steps down to another account")
	}
}

// TestUnreachable: the account cannot get into the state folder, as with /root.
func TestUnreachable(t *testing.T) {
	needRoot(t)
	above := filepath.Dir(t.TempDir())
	before, err := os.Stat(above)
	if err != nil || before.Mode().Perm()&0o011 != 0 {
		t.Fatalf("%s should be closed: %v, %v", above, before, err)
	}
	state := filepath.Join(t.TempDir(), prefix+"state")
	s := start(t, state)
	keep(t, s)
	stop(t, s)
	if filepath.Dir(s.place.dir) != elsewhere {
		t.Fatalf("it lies in %s", s.place.dir)
	}
	if fi, err := os.Stat(above); err != nil || fi.Mode() != before.Mode() {
		t.Errorf("the folder above: got %v, %v, want it as it was, %v", fi, err, before.Mode())
	}

	moved := state + "-moved"
	if err := os.Rename(state, moved); err != nil {
		t.Fatal(err)
	}
	s = start(t, moved)
	if got := mustQuery(t, s.DSN(), "SELECT word FROM kept"); got != "kept" {
		t.Errorf("after moving the state folder: got %q", got)
	}
	stop(t, s)

	// Gone with its temporary state folder, at the next start of such a place.
	if err := os.RemoveAll(moved); err != nil {
		t.Fatal(err)
	}
	other := start(t, filepath.Join(t.TempDir(), prefix+"other"))
	stop(t, other)
	if _, err := os.Lstat(s.place.dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", s.place.dir, err)
	}
	os.RemoveAll(other.place.dir)
}

func TestForeignLinkIsRefused(t *testing.T) {
	needRoot(t)
	state := newState(t)
	target := newState(t)
	if err := os.Symlink(target, filepath.Join(state, "postgres")); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), state); err == nil || !strings.Contains(err.Error(), "link that relink did not make") {
		t.Errorf("got %v", err)
	}
}

func TestLongPath(t *testing.T) {
	dir := filepath.Join(newState(t), strings.Repeat("long, and odd ", 8))
	s := start(t, dir)
	mustQuery(t, s.DSN(), "SELECT ''")
	if filepath.Dir(s.run) != "/tmp" {
		t.Errorf("the socket is in %s", s.run)
	}
	fi, err := os.Lstat(s.run)
	if err != nil || fi.Mode().Perm() != 0o700 || int(fi.Sys().(*syscall.Stat_t).Uid) != s.place.account.uid {
		t.Errorf("its folder: %v, %v", fi, err)
	}
	stop(t, s)
	if _, err := os.Lstat(s.run); !os.IsNotExist(err) {
		t.Errorf("its folder is left behind: %v", err)
	}

	// Somebody was there first.
	if err := os.Symlink(newState(t), s.run); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "is not a folder") {
		t.Errorf("a link in place of the socket's folder: got %v", err)
	}
	if err := os.Remove(s.run); err != nil {
		t.Fatal(err)
	}
	needRoot(t)
	if err := os.Mkdir(s.run, 0o777); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(s.run)
	if err := os.Chown(s.run, 4711, 4711); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "belongs to uid 4711") {
		t.Errorf("somebody else's folder in its place: got %v", err)
	}
}

// TestOwnerOfStateFolder: sudo in somebody's home serves that somebody.
func TestOwnerOfStateFolder(t *testing.T) {
	needRoot(t)
	dir := newState(t)
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	s := start(t, dir)
	defer stop(t, s)
	if s.place.account.uid != 65534 {
		t.Skip("no account with number 65534 here")
	}
	if uid, err := ownerOf(s.place.data()); err != nil || uid != 65534 {
		t.Errorf("the data belongs to %d, %v", uid, err)
	}
}
