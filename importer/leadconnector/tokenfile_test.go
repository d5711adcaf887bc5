package leadconnector

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// writeSecret writes a file that its owner alone may read.
func writeSecret(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTokenFileIsReadAgain(t *testing.T) {
	path := writeSecret(t, "\ufeff"+secret+"\r\n")
	f, err := OpenTokenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if token, _, _ := f.Token(t.Context()); token.reveal() != secret {
		t.Errorf("got %q", token.reveal())
	}
	if err := f.Renew(t.Context(), 0); !errors.Is(err, errSameToken) {
		t.Errorf("unchanged: got %v", err)
	}
	if err := os.WriteFile(path, []byte("pit-newer-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Renew(t.Context(), 0); err != nil {
		t.Error(err)
	}
	if token, generation, _ := f.Token(t.Context()); token.reveal() != "pit-newer-token" || generation != 1 {
		t.Errorf("got %q of generation %d", token.reveal(), generation)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := f.Renew(t.Context(), 1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("gone: got %v", err)
	}
	if token, _, err := f.Token(t.Context()); token.reveal() != "pit-newer-token" || err != nil {
		t.Error("a failed renewal took the old token away")
	}
}

func TestTokenFileRefused(t *testing.T) {
	for _, text := range []string{"", "\n", "two words", strings.Repeat("a", maxTokenFile+1)} {
		if _, err := OpenTokenFile(writeSecret(t, text)); err == nil {
			t.Errorf("%.20q: got no error", text)
		}
	}
	if _, err := OpenTokenFile(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("a folder: got %v", err)
	}
}

func TestSecretsOpenToOthersAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no such permissions on Windows")
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o601} {
		path := writeSecret(t, "loc1,"+secret)
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, fileErr := OpenTokenFile(path)
		_, csvErr := OpenTokensCSV(path)
		for _, err := range []error{fileErr, csvErr} {
			if err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
				t.Errorf("mode %o: got %v", mode, err)
			}
		}
	}
}

func TestShellQuoted(t *testing.T) {
	for path, want := range map[string]string{"/a/b-c.d": "/a/b-c.d", "my file": "'my file'", "it's": `'it'\''s'`, "": "''", "$(rm)": "'$(rm)'"} {
		if got := shellQuoted(path); got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
}
