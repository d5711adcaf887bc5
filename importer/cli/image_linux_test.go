package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestImageSample builds what samples/Dockerfile builds, by its own command,
// and runs it as the image would: alone in an empty root, without a user's name.
func TestImageSample(t *testing.T) {
	text := sample(t, "Dockerfile")
	build := regexp.MustCompile(`(?m)^RUN (.*go build.*)$`).FindStringSubmatch(text)
	user := regexp.MustCompile(`(?m)^USER (\d+):(\d+)$`).FindStringSubmatch(text)
	if build == nil || user == nil || user[1] == "0" || !strings.Contains(text, "\nFROM scratch\n") {
		t.Fatalf("the sample builds nothing, or runs as root, or on more than nothing:\n%s", text)
	}
	root := t.TempDir()
	cmd := exec.Command("sh", "-c", strings.Replace(build[1], "-o /relink", "-o "+filepath.Join(root, "relink"), 1))
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "VERSION=v1.2.3")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", build[1], err, out)
	}
	run := exec.Command("/relink", "version")
	if os.Getuid() == 0 {
		if err := os.Chmod(root, 0o755); err != nil {
			t.Fatal(err)
		}
		run.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	} else {
		run.Path = filepath.Join(root, "relink")
	}
	run.Dir, run.Env = "/", []string{}
	if out, err := run.CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "relink v1.2.3 ") {
		t.Errorf("relink version in the image: %q, %v", out, err)
	}
}
