package bench

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A program is the binary as make build makes it.
type program struct{ path, home string }

func build(t *testing.T) program {
	t.Helper()
	p := program{home: t.TempDir()}
	p.path = filepath.Join(p.home, "relink")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", p.path, "relink")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building relink: %v\n%s", err, out)
	}
	return p
}

// command prepares a call of relink with an environment of its own.
func (p program) command(env []string, args ...string) *exec.Cmd {
	cmd := exec.Command(p.path, args...)
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + p.home, "RELINK_STATE_DIR=" + filepath.Join(p.home, "state"), "TZ=UTC",
		"RELINK_TOKEN=pit-bench",
	}, env...)
	return cmd
}

// A job is relink at work.
type job struct {
	t     *testing.T
	cmd   *exec.Cmd
	said  bytes.Buffer
	began time.Time
	peak  chan float64
	done  chan struct{}
}

// A cost is what a job took.
type cost struct {
	exit int
	wall time.Duration
	cpu  time.Duration // of relink alone, user and system
	peak float64       // MB of memory at most; 0 where the system does not tell
}

// start runs relink and watches its memory.
func (p program) start(t *testing.T, env []string, args ...string) *job {
	t.Helper()
	j := &job{t: t, cmd: p.command(env, args...), peak: make(chan float64, 1), done: make(chan struct{})}
	j.cmd.Stdout, j.cmd.Stderr = &j.said, &j.said
	j.began = time.Now()
	if err := j.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go j.watch()
	return j
}

// watch reads the high-water mark until the process has ended. The kernel's own
// figure for ended children will not do: a child inherits its parent's.
func (j *job) watch() {
	status := filepath.Join("/proc", strconv.Itoa(j.cmd.Process.Pid), "status")
	peak := 0.0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		text, _ := os.ReadFile(status)
		for line := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				kB, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
				peak = max(peak, kB/1024)
			}
		}
		select {
		case <-tick.C:
		case <-j.done:
			j.peak <- peak
			return
		}
	}
}

// stop asks for a soft stop, as ^C does.
func (j *job) stop() {
	j.t.Helper()
	if err := j.cmd.Process.Signal(syscall.SIGINT); err != nil {
		j.t.Fatal(err)
	}
}

// wait ends with the job; any other exit code than want fails the test.
func (j *job) wait(want int) cost {
	j.t.Helper()
	err := j.cmd.Wait()
	c := cost{wall: time.Since(j.began)}
	close(j.done)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		j.t.Fatal(err)
	}
	c.exit, c.peak = j.cmd.ProcessState.ExitCode(), <-j.peak
	c.cpu = j.cmd.ProcessState.UserTime() + j.cmd.ProcessState.SystemTime()
	if c.exit != want {
		j.t.Fatalf("%s exited with %d, want %d\n%s", j.cmd, c.exit, want, &j.said)
	}
	return c
}
