package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const samples = "../../samples"

func sample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(samples, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSystemdSamples lets systemd judge its own files, with the binary's place
// taken by a program that is there.
func TestSystemdSamples(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("NOT VERIFIED: samples/relink.service and relink.timer, for want of systemd-analyze")
	}
	dir := t.TempDir()
	for _, name := range []string{"relink.service", "relink.timer"} {
		text := strings.ReplaceAll(sample(t, name), "/usr/local/bin/relink", "/bin/true")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(analyze, "verify", "--man=no", filepath.Join(dir, "relink.service"), filepath.Join(dir, "relink.timer")).CombinedOutput()
	if err != nil || strings.Contains(string(out), dir) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// TestSampleCommands parses every relink command that a sample runs: --help
// after its flags fails where one of them is not known.
func TestSampleCommands(t *testing.T) {
	relink, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(relink, filepath.Join(dir, "relink")); err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^(?:[-0-9*/ ]+ |ExecStart=/usr/local/bin/)relink (.*?)(?: \|\|.*)?$`)
	args := regexp.MustCompile(`args: \[(.*)\]`)
	seen := 0
	try := func(name string, words []string) {
		seen++
		out, err := exec.Command(filepath.Join(dir, "relink"), append(words, "--help")...).CombinedOutput()
		if err != nil {
			t.Errorf("%s: relink %s: %v\n%s", name, strings.Join(words, " "), err, out)
		}
	}
	for _, name := range []string{"crontab", "relink.service"} {
		for _, match := range commands.FindAllStringSubmatch(sample(t, name), -1) {
			try(name, strings.Fields(match[1]))
		}
	}
	for _, match := range args.FindAllStringSubmatch(sample(t, "cronjob.yaml"), -1) {
		try("cronjob.yaml", strings.Split(strings.NewReplacer(`"`, "", " ", "").Replace(match[1]), ","))
	}
	if seen != 4 {
		t.Errorf("found %d commands in the samples, want 4", seen)
	}
	for name, want := range map[string]string{
		"relink.service": "SuccessExitStatus=4", "cronjob.yaml": "concurrencyPolicy: Forbid", "Dockerfile": "USER 65532",
	} {
		if !strings.Contains(sample(t, name), want) {
			t.Errorf("%s lacks %s", name, want)
		}
	}
}
