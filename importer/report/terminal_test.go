package report

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAFileIsNoTerminal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if IsTerminal(f) {
		t.Error("IsTerminal: a file is said to be a terminal")
	}
	if got := Width(f); got != 0 {
		t.Errorf("Width of a file = %d, want 0", got)
	}
}

func TestTheEnvironmentRefusesABar(t *testing.T) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no terminal here: ", err)
	}
	defer tty.Close()
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	if !IsTerminal(tty) {
		t.Error("IsTerminal(/dev/tty) = false")
	}
	t.Setenv("TERM", "dumb")
	if IsTerminal(tty) {
		t.Error("IsTerminal = true with TERM=dumb")
	}
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "1")
	if IsTerminal(tty) {
		t.Error("IsTerminal = true with NO_COLOR=1")
	}
}
