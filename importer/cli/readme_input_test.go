package cli_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"relink/importer/sandbox"
)

// readme is the file whose examples are run, and its section.
const readme, section = "../../README.md", "## Input"

// TestReadmeInput runs the examples of the README's section on input, as they
// stand there. In a block of ```console
//
//	$ cat FILE       the lines that follow are what the file holds
//	$ COMMAND        is run by a shell; the lines that follow are how lines begin
//	                 that it prints in this order, times aside; … is any others
//
// The service is a sandbox that knows the
// associations of associations.csv, if an example shows that file.
func TestReadmeInput(t *testing.T) {
	name := readme
	if other := os.Getenv("RELINK_TEST_README"); other != "" {
		name = other
	}
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	_, part, found := strings.Cut("\n"+string(text), "\n"+section+"\n")
	if !found {
		t.Fatalf("%s has no section %q", name, section)
	}
	part, _, _ = strings.Cut(part, "\n## ")
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "relink")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("RELINK_STATE_DIR", t.TempDir())
	t.Setenv("RELINK_DATABASE_URL", newDatabase(t))
	t.Setenv("RELINK_TOKEN", "pit-secret-of-the-script")
	t.Setenv("RELINK_RATE", "0")
	t.Setenv("TZ", "UTC")
	ran := 0
	for _, e := range examples(part) {
		if file, ok := strings.CutPrefix(e.command, "cat "); ok {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(e.output), 0o600); err != nil {
				t.Fatal(err)
			}
			if file == "associations.csv" {
				t.Setenv("RELINK_API_URL", serveKnowing(t, filepath.Join(dir, file)))
			}
			continue
		}
		if os.Getenv("RELINK_API_URL") == "" {
			t.Setenv("RELINK_API_URL", serveKnowing(t, os.DevNull))
		}
		cmd := exec.Command("sh", "-c", e.command)
		cmd.Dir = dir
		// Exit codes are told in the README's own words: echo $?.
		out, _ := cmd.CombinedOutput()
		ran++
		if strings.Trim(e.output, "…\n ") == "" {
			t.Errorf("$ %s\nshows no output of:\n%s", e.command, out)
		}
		if line := unlike(timeless(string(out)), timeless(e.output)); line != "" {
			t.Errorf("$ %s\nno line begins with, or not in this order:\n%s\nin:\n%s", e.command, line, out)
		}
	}
	if ran == 0 {
		t.Errorf("%s has no examples in %q", name, section)
	}
}

// An example is a command and what stands below it.
type example struct{ command, output string }

func examples(text string) (all []example) {
	inside := false
	for line := range strings.Lines(text) {
		switch command, isCommand := strings.CutPrefix(line, "$ "); {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```console"
		case !inside:
		case isCommand:
			all = append(all, example{command: strings.TrimSpace(command)})
		case len(all) > 0:
			all[len(all)-1].output += line
		}
	}
	return all
}

// unlike returns the first line of want that no line of got, in order, begins
// with.
func unlike(got, want string) string {
	lines := strings.Split(got, "\n")
	for line := range strings.SplitSeq(want, "\n") {
		if line == "…" {
			continue
		}
		for len(lines) > 0 && !strings.HasPrefix(lines[0], line) {
			lines = lines[1:]
		}
		if len(lines) == 0 {
			return line
		}
		lines = lines[1:]
	}
	return ""
}

var (
	clock    = regexp.MustCompile(`\b\d\d:\d\d:\d\d\b`)
	duration = regexp.MustCompile(`\bin \d+(\.\d+)? m?s\b`)
)

// timeless is what a command printed without what changes from run to run.
func timeless(s string) string {
	return strings.TrimSpace(duration.ReplaceAllString(clock.ReplaceAllString(s, "00:00:00"), "in 0 s"))
}

// serveKnowing serves a sandbox with the associations of a file, and returns
// its address.
func serveKnowing(t *testing.T, name string) string {
	t.Helper()
	var config sandbox.Config
	if name != os.DevNull {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if config.Associations, err = sandbox.ReadAssociations(f); err != nil {
			t.Fatal(err)
		}
	}
	server, err := sandbox.New(config)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(ctx, listener)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		server.Close()
	})
	return "http://" + listener.Addr().String()
}
