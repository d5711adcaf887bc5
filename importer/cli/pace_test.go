package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A rehearsal is the real program against a sandbox of its own, both in
// processes of their own, with a fresh ledger.
type rehearsal struct {
	t   *testing.T
	api string
	dir string
	env []string
}

func newRehearsal(t *testing.T, sandbox ...string) *rehearsal {
	t.Helper()
	r := &rehearsal{t: t, dir: t.TempDir()}
	cmd := exec.Command("relink", append([]string{"sandbox", "--addr", "127.0.0.1:0", "--memory"}, sandbox...)...)
	cmd.Dir = r.dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting the sandbox: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("starting the sandbox: %v", err)
	}
	r.api = strings.TrimSpace(address)
	r.env = append(os.Environ(), "RELINK_API_URL="+r.api, "RELINK_TOKEN=pit-any", "RELINK_STATE_DIR="+r.dir,
		"RELINK_DATABASE_URL="+newDatabase(t))
	return r
}

// rows writes a file of so many rows to one location.
func (r *rehearsal) rows(n int) string {
	r.t.Helper()
	var b strings.Builder
	b.WriteString("locationId,associationId,firstRecordId,secondRecordId\n")
	for i := range n {
		fmt.Fprintf(&b, "loc,assoc,first%06d,second%06d\n", i, i)
	}
	name := filepath.Join(r.dir, fmt.Sprintf("%d.csv", n))
	if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return name
}

// start starts relink; what it says on standard error is the test's.
func (r *rehearsal) start(args ...string) *exec.Cmd {
	r.t.Helper()
	cmd := exec.Command("relink", args...)
	cmd.Env, cmd.Dir, cmd.Stderr = r.env, r.dir, os.Stderr
	if err := cmd.Start(); err != nil {
		r.t.Fatalf("starting relink: %v", err)
	}
	return cmd
}

// seen is what the sandbox saw.
type seen struct {
	Requests, Relations, Throttled int
	MaxSends                       int `json:"max_sends"`
	MostArrivals                   int `json:"most_arrivals"`
}

func (r *rehearsal) seen() (s seen) {
	r.t.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	reply, err := client.Get(r.api + "/_sandbox/stats")
	if err != nil {
		r.t.Fatal(err)
	}
	defer reply.Body.Close()
	if err := json.NewDecoder(reply.Body).Decode(&s); err != nil {
		r.t.Fatal(err)
	}
	return s
}

// until waits until the sandbox has seen so many requests, and returns when.
func (r *rehearsal) until(requests int) time.Time {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		if r.seen().Requests >= requests {
			return time.Now()
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("no %d requests in a minute", requests)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// A scale is an allowance to be used up, and what is to be proved with it.
type scale struct {
	max      int
	interval time.Duration
	latency  string
	kills    []time.Duration // after each of these the run is killed, and started again
	windows  int             // so many full ones are sent
	longest  time.Duration   // for all of it
}

// scales are two seconds long in the short form. The long form is the real one:
// 600 rows at 100 per 10 s. Calls are spread evenly, so that n windows take n
// intervals, and a second more for starting; the short form leaves two more to a
// machine that is busy with other tests.
func scales() map[string]scale {
	if os.Getenv("RELINK_CHAOS") == "" {
		return map[string]scale{
			"cold":   {20, 2 * time.Second, "5ms-20ms", nil, 5, 13 * time.Second},
			"killed": {20, 2 * time.Second, "5ms-20ms", []time.Duration{2500 * time.Millisecond, 1900 * time.Millisecond}, 5, 19 * time.Second},
		}
	}
	return map[string]scale{
		"cold":   {100, 10 * time.Second, "20ms-80ms", nil, 6, 61 * time.Second},
		"killed": {100, 10 * time.Second, "20ms-80ms", []time.Duration{13 * time.Second, 26 * time.Second, 4 * time.Second}, 6, 70 * time.Second},
	}
}

// Against a strict sliding window all of the allowance is used and no 429 met,
// from a cold start and when the run is killed and started again inside a
// window.
func TestWholeAllowance(t *testing.T) {
	for name, s := range scales() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rate := fmt.Sprintf("%d/%s", s.max, s.interval)
			r := newRehearsal(t, "--rate", rate, "--window", "strict", "--faults", "latency="+s.latency)
			file := r.rows(s.windows * s.max)
			began := time.Now()
			for _, life := range s.kills {
				cmd := r.start("import", file, "--rate", rate, "--quiet")
				time.Sleep(life)
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			}
			cmd := r.start("import", file, "--rate", rate, "--quiet")
			if len(s.kills) == 0 {
				share(t, r, s)
			}
			if err := cmd.Wait(); err != nil {
				t.Errorf("the last run ended with %v, want 0", err)
			}
			took, saw := time.Since(began), r.seen()
			t.Logf("%d rows at %s with %d kills took %.1f s: %+v", s.windows*s.max, rate, len(s.kills), took.Seconds(), saw)
			if saw.Throttled > 0 || saw.MostArrivals > s.max || saw.Relations != s.windows*s.max {
				t.Errorf("got %+v, want every row, no 429 and at most %d requests in any window", saw, s.max)
			}
			if took > s.longest {
				t.Errorf("took %v, want at most %v", took, s.longest)
			}
		})
	}
}

// share measures what is used of the allowance after the first window.
func share(t *testing.T, r *rehearsal, s scale) {
	t.Helper()
	r.until(1)
	time.Sleep(s.interval)
	before, at := r.seen().Requests, time.Now()
	calls := (s.windows-2)*s.max - 1
	took := r.until(before + calls).Sub(at)
	used := float64(calls) / (took.Seconds() / s.interval.Seconds() * float64(s.max))
	t.Logf("%d requests after the first window took %.2f s: %.1f%% of the allowance", calls, took.Seconds(), 100*used)
	if used < 0.97 {
		t.Errorf("got %.1f%% of the allowance after the first window, want at least 97%%", 100*used)
	}
}

// Killed right after its first call, and the moment that the window is full, and
// started again at once: without the trail of the killed run, the very first call
// of the next one would meet a 429.
func TestKilledFull(t *testing.T) {
	t.Parallel()
	r := newRehearsal(t, "--rate", "3/3s", "--window", "strict")
	file := r.rows(6)
	for _, requests := range []int{1, 2, 3, 5} {
		cmd := r.start("import", file, "--rate", "3/3s", "--quiet")
		r.until(requests)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if err := r.start("import", file, "--rate", "3/3s", "--quiet").Wait(); err != nil {
		t.Errorf("the last run ended with %v, want 0", err)
	}
	if saw := r.seen(); saw.Throttled > 0 || saw.MostArrivals > 3 || saw.Relations != 6 {
		t.Errorf("the sandbox saw %+v, want 6 pairs, no 429 and at most 3 requests in any window", saw)
	}
}

// A run that waits for the location takes over inside the window of the one that
// held it, and meets no 429: it looks at what is left when it has the lock.
func TestHandedOver(t *testing.T) {
	t.Parallel()
	r := newRehearsal(t, "--rate", "20/2s", "--window", "strict")
	first := r.start("import", r.rows(35), "--rate", "20/2s", "--quiet")
	r.until(5)
	second := r.start("import", r.rows(70), "--rate", "20/2s", "--quiet", "--wait", "1m")
	for _, cmd := range []*exec.Cmd{first, second} {
		if err := cmd.Wait(); err != nil {
			t.Errorf("ended with %v, want 0", err)
		}
	}
	if saw := r.seen(); saw.Throttled > 0 || saw.MostArrivals > 20 || saw.Relations != 70 || saw.MaxSends != 1 {
		t.Errorf("the sandbox saw %+v, want 70 pairs, each once, no 429 and at most 20 requests in any window", saw)
	}
}

// Another client takes half of the same bucket all the while: relink sees it in
// the headers and makes room, instead of running into 429 after 429.
func TestSharedBucket(t *testing.T) {
	t.Parallel()
	r := newRehearsal(t, "--rate", "40/2s", "--others", "10", "--faults", "latency=5ms-20ms")
	if err := r.start("import", r.rows(60), "--rate", "40/2s", "--quiet").Wait(); err != nil {
		t.Errorf("ended with %v, want 0", err)
	}
	// At full use a newcomer may show itself by a first 429.
	saw := r.seen()
	t.Logf("the sandbox saw %+v", saw)
	if saw.Throttled > 1 || saw.Relations != 60 || saw.MaxSends != 1 {
		t.Errorf("the sandbox saw %+v, want 60 pairs, each once, and at most one 429", saw)
	}
}
