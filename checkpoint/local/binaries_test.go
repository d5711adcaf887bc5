//go:build darwin || freebsd || linux

package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakePrograms makes a folder with programs of a version.
func fakePrograms(t *testing.T, dir, version string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"initdb", "postgres"} {
		text := fmt.Sprintf("#!/bin/sh\necho '%s (PostgreSQL) %s'\n", name, version)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFind(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	fakePrograms(t, root+"/lib/9.6/bin", "9.6.24")
	fakePrograms(t, root+"/lib/9/bin", "13.2")
	fakePrograms(t, root+"/lib/16/bin", "16.4 (Debian 16.4-1)")
	fakePrograms(t, root+"/lib/17/bin", "17beta1")
	fakePrograms(t, root+"/cellar", "14.1")
	if err := os.MkdirAll(root+"/path", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../cellar/initdb", root+"/path/initdb"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range find(t.Context(), "relative:"+root+"/path:"+root+"/none", []string{root + "/lib/*/bin", root + "/cellar"}) {
		got = append(got, fmt.Sprint(b.major, " ", strings.TrimPrefix(b.dir, root)))
	}
	want := []string{"14 /cellar", "17 /lib/17/bin", "16 /lib/16/bin", "13 /lib/9/bin"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestVersionIsAskedWithoutSecrets: what stands in our environment is not for a
// program that we only look at.
func TestVersionIsAskedWithoutSecrets(t *testing.T) {
	t.Setenv("RELINK_CLIENT_SECRET", "client-secret")
	dir := t.TempDir()
	text := "#!/bin/sh\nenv >" + dir + "/env\necho 'postgres (PostgreSQL) 16.4'\n"
	if err := os.WriteFile(dir+"/postgres", []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	if got := versionOf(t.Context(), dir+"/postgres"); got != 16 {
		t.Fatalf("got version %d, want 16", got)
	}
	if env, err := os.ReadFile(dir + "/env"); err != nil || strings.Contains(string(env), "client-secret") {
		t.Errorf("the program was given the secret, or not asked: %v", err)
	}
}

func TestProgramsFitTheData(t *testing.T) {
	dir := usedState(t)
	s := start(t, dir)
	stop(t, s)
	file := filepath.Join(s.place.data(), "PG_VERSION")
	was, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("11\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "was made by Postgres 11") {
		t.Errorf("data of another version: got %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "no PG_VERSION") {
		t.Errorf("a folder that is none of ours: got %v", err)
	}
	if err := s.place.write(file, string(was)); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, dir))
}

func TestInstallCommand(t *testing.T) {
	for _, tt := range []struct {
		tools string
		major int
		root  bool
		want  string
	}{
		{"apt-get", 0, true, "apt-get update && apt-get install -y postgresql"},
		{"apt-get", 0, false, "sudo apt-get update && sudo apt-get install -y postgresql"},
		{"apt-get brew", 15, false, "sudo apt-get update && sudo apt-get install -y postgresql-15"},
		{"dnf yum", 0, false, "sudo dnf install -y postgresql-server"},
		{"dnf yum", 16, true, "dnf install -y postgresql16-server"},
		{"apk", 0, true, "apk add postgresql"},
		{"apk", 16, true, "apk add postgresql16"},
		{"pacman", 0, false, "sudo pacman -S --noconfirm postgresql"},
		{"pacman", 16, false, "sudo pacman -S --noconfirm postgresql"},
		{"brew", 0, false, "brew install postgresql@17"},
		{"brew", 14, false, "brew install postgresql@14"},
		{"", 0, false, ""},
	} {
		look := func(tool string) (string, error) {
			if slices.Contains(strings.Fields(tt.tools), tool) {
				return tool, nil
			}
			return "", errors.New("not here")
		}
		if got := installCommand(tt.major, tt.root, look); got != tt.want {
			t.Errorf("%q, %d, root %v:\n got %q\nwant %q", tt.tools, tt.major, tt.root, got, tt.want)
		}
	}
}

func TestMissing(t *testing.T) {
	defer func(was []string) { folders = was }(folders)
	folders = nil
	t.Setenv("PATH", t.TempDir())
	_, err := Binaries()
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "--database-url") {
		t.Errorf("got %v, want one line that says what to do", err)
	}
}
