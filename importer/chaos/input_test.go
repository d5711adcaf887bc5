//go:build unix

package chaos

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFileBetweenRuns: identity is the pair, so a file that was sorted, cut,
// grew or was renamed between runs is carried on.
func TestFileBetweenRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "--faults", "latency=2ms-8ms")
	const workers = 8
	pairs := numbered(0, 1000, 2)
	file := w.file("links.csv", pairs)
	changes := []func(){
		func() { slices.Reverse(pairs) },
		func() { pairs = append(pairs, numbered(1000, 1200, 2)...) },
		func() { pairs = pairs[300:] },
		func() { file = filepath.Join(w.dir, "renamed.csv") },
		func() { pairs = numbered(0, 1200, 2) },
	}
	for _, change := range changes {
		p := w.startImport(workers, file)
		w.service.await(p, w.service.stats().Requests+70)
		w.crash(p, 2*workers) // two locations, each with its own
		change()
		file = w.file(filepath.Base(file), pairs)
	}
	w.startImport(workers, file).wait(0)
	w.verify(end{scenario: "file sorted, grown, cut, renamed"})
}

// TestFileDuringRun: once it is loaded, a run does not look at its file.
func TestFileDuringRun(t *testing.T) {
	t.Parallel()
	for _, change := range []struct {
		name string
		do   func(name string) error
	}{
		{"deleted", os.Remove},
		{"cut", func(name string) error { return os.Truncate(name, 100) }},
		{"overwritten", func(name string) error { return os.WriteFile(name, bytes.Repeat([]byte("\x00\xff,\""), 5000), 0o644) }},
	} {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "--faults", "latency=5ms-10ms")
			file := w.file("links.csv", numbered(0, 300, 1))
			p := w.startImport(8, file)
			w.service.await(p, 30)
			if err := change.do(file); err != nil {
				t.Fatal(err)
			}
			p.wait(0)
			w.verify(end{scenario: "file deleted, cut, overwritten while sending"})
		})
	}
}

// TestFileChangesWhileLoading: a file that is still being written is loaded
// whole, as it is at some moment, or not at all.
func TestFileChangesWhileLoading(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var lines []pair
	for range 400 {
		lines = append(lines, numbered(0, 100, 1)...)
	}
	name := w.file("growing.csv", lines)
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	p := w.startImport(4, name)
	late := numbered(100, 101, 1)[0]
	for p.running() {
		if _, err := file.WriteString(strings.Join([]string{late.location, late.association, late.first, late.second}, ",") + "\n"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	if code := p.cmd.ProcessState.ExitCode(); code == 2 {
		if !strings.Contains(p.stderr(), "changed while it was being read") {
			t.Errorf("it says: %s", p.stderr())
		}
		if n := query[int](t, w.dsn, `SELECT count(*)::int FROM relink.row`)[0]; n != 0 {
			t.Errorf("%d rows were loaded", n)
		}
	} else if code != 0 {
		t.Errorf("exit %d: %s", code, p.stderr())
	}
	w.good[late] = true
	w.startImport(4, name).wait(0)
	w.verify(end{scenario: "file grows while it is loaded"})
}

// TestNoInput: what is no list of rows is told in one line with exit code 2,
// quickly and in little memory, and leaves nothing behind.
func TestNoInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	header := "locationId,associationId,firstRecordId,secondRecordId\n"
	random := random(t)
	binaryFile := make([]byte, 300_000)
	for i := range binaryFile {
		binaryFile[i] = byte(random.Uint32())
	}
	for _, c := range []struct {
		name  string
		make  func() string
		codes []int
	}{
		{"a directory", func() string { return w.dir }, []int{2}},
		{"missing", func() string { return filepath.Join(w.dir, "no such file") }, []int{2}},
		{"empty", func() string { return w.text("empty.csv", "") }, []int{2}},
		{"only a header", func() string { return w.text("header.csv", header) }, []int{0, 2}},
		{"no header", func() string { return w.text("blank.csv", "\n\n\n") }, []int{2}},
		{"binary", func() string { return w.text("binary.csv", string(binaryFile)) }, []int{2}},
		{"zeros", func() string { return w.text("zeros.csv", strings.Repeat("\x00", 200_000)) }, []int{2}},
		{"a cut gzip", func() string { return w.text("cut.csv.gz", "\x1f\x8b\x08\x00\x00\x00") }, []int{2}},
		{"unreadable", func() string { return "/proc/self/mem" }, []int{2}},
		{"5 million columns", func() string { return w.long("wide.csv", "", "a,", 5_000_000, "b\n1\n") }, []int{2}},
		{"a header of 100 MB", func() string { return w.long("long.csv", "", "a", 100<<20, "") }, []int{2}},
		{"a line of 100 MB", func() string {
			return w.long("line.csv", header+"loc,assoc,", "a", 100<<20, ",b\n")
		}, []int{2, 3}},
		{"a line of 5 million columns", func() string {
			return w.long("columns.csv", header, "a,", 5_000_000, "b\n")
		}, []int{2, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := c.make()
			began := time.Now()
			p := w.startImport(4, name)
			<-p.ended
			took := time.Since(began)
			if code := p.cmd.ProcessState.ExitCode(); !slices.Contains(c.codes, code) {
				t.Errorf("exit %d, want one of %v: %s", code, c.codes, tail(p.stderr()))
			}
			said := p.stderr()
			if len(said) > 8000 || strings.Contains(said, "goroutine ") {
				t.Errorf("it says %d bytes: %s", len(said), said[:min(len(said), 500)])
			}
			memory := p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10 // of Linux: MB
			t.Logf("%v, %d MB: %s", took.Round(time.Millisecond), memory, strings.TrimSpace(said[:min(len(said), 300)]))
			if took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if memory > 250 && runtime.GOOS == "linux" {
				t.Errorf("it took %d MB of memory", memory)
			}
			if filepath.Dir(name) == w.dir {
				os.Remove(name)
			}
		})
	}
	if n := w.service.stats().Requests; n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	w.verify(end{scenario: "no input at all"})
}

// long writes a file without having it in memory: the system counts the memory
// that a process had when it began as that of the program it becomes.
func (w *world) long(name, before, piece string, n int, after string) string {
	w.t.Helper()
	name = w.text(name, before)
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	block := strings.Repeat(piece, 10_000)
	for ; n > 0; n -= 10_000 {
		if _, err := file.WriteString(block[:min(n, 10_000)*len(piece)]); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, err := file.WriteString(after); err != nil {
		w.t.Fatal(err)
	}
	return name
}
