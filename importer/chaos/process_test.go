//go:build unix

package chaos

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a run may take before it counts as hung.
const patience = 90 * time.Second

// A process is one call of relink. What it says goes to files, so that nothing
// but its own end ends it, and so that a test can search them.
type process struct {
	t        testing.TB
	cmd      *exec.Cmd
	out, err string // the files
	began    time.Time
	ended    chan struct{}
	failure  error
}

// start runs relink with the world's settings and does not wait for it.
func (w *world) start(args ...string) *process {
	w.t.Helper()
	return w.launch(exec.Command(binary, args...))
}

// startImport imports files as fast as the service lets it, workers calls at a time.
func (w *world) startImport(workers int, args ...string) *process {
	w.t.Helper()
	return w.start(append([]string{"import", "--json", "--rate", "0", "--workers", fmt.Sprint(workers)}, args...)...)
}

func (w *world) launch(cmd *exec.Cmd) *process {
	w.t.Helper()
	w.mu.Lock()
	w.calls++
	name := filepath.Join(w.dir, fmt.Sprintf("said.%d", w.calls))
	w.mu.Unlock()
	p := &process{t: w.t, cmd: cmd, out: name + ".out", err: name + ".err", began: time.Now(), ended: make(chan struct{})}
	cmd.Env = append(w.environ(), cmd.Env...)
	cmd.Dir = w.dir
	var files [2]*os.File
	for i, name := range []string{p.out, p.err} {
		file, err := os.Create(name)
		if err != nil {
			w.t.Fatal(err)
		}
		defer file.Close()
		files[i] = file
	}
	cmd.Stdout, cmd.Stderr = files[0], files[1]
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	go func() {
		p.failure = cmd.Wait()
		close(p.ended)
	}()
	w.t.Cleanup(func() {
		p.signal(syscall.SIGCONT)
		p.kill()
	})
	return p
}

func (p *process) signal(s syscall.Signal) {
	_ = p.cmd.Process.Signal(s) // it may be gone already
}

// kill ends it as kill -9 does, and returns when it is gone.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// running reports whether it has not ended yet.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// wait waits for the end and wants that exit code.
func (p *process) wait(code int) summary {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.signal(syscall.SIGQUIT)
		time.Sleep(time.Second)
		p.t.Fatalf("relink %v hangs:\n%s", p.cmd.Args[1:], tail(p.stderr()))
	}
	var exit *exec.ExitError
	if p.failure != nil && !errors.As(p.failure, &exit) {
		p.t.Fatal(p.failure)
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Fatalf("relink %v: exit %d (%v), want %d\n%s%s", p.cmd.Args[1:], got, p.cmd.ProcessState, code, p.stdout(), tail(p.stderr()))
	}
	var s summary
	if text := p.stdout(); strings.HasPrefix(text, "{") {
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			p.t.Fatalf("the summary: %v\n%s", err, text)
		}
		s.check(p.t)
	}
	return s
}

func (p *process) stdout() string { return read(p.t, p.out) }
func (p *process) stderr() string { return read(p.t, p.err) }

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func tail(text string) string {
	if len(text) > 6000 {
		return "…" + text[len(text)-6000:]
	}
	return text
}

// A summary is what --json says, as far as it is looked at here.
type summary struct {
	Run     int64  `json:"run"`
	Exit    int    `json:"exit"`
	Stopped string `json:"stopped"`
	Files   []struct {
		Rows, Distinct, Repeated, Rejected                  int
		Created, Existing, Failed, Pending, Sending, Undone int
	} `json:"files"`
	Locations []struct {
		Location, Stopped, Message string
	} `json:"locations"`
	Requests struct{ Sent, Throttled, Retried int } `json:"requests"`
	Seconds  float64                                `json:"seconds"`
}

// check adds up what a person would.
func (s summary) check(t testing.TB) {
	t.Helper()
	for _, f := range s.Files {
		if f.Rows != f.Distinct+f.Repeated+f.Rejected {
			t.Errorf("the summary does not balance: rows = distinct + repeated + rejected: %+v", f)
		}
		if f.Distinct != f.Created+f.Existing+f.Failed+f.Pending+f.Sending+f.Undone {
			t.Errorf("the summary does not balance: distinct = the states: %+v", f)
		}
	}
}
