package bench

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
)

// A stand is the stand-in for the service, in a process of its own.
type stand struct {
	t    *testing.T
	url  string
	stop func()
}

// serve starts the stand-in with no limits, or with those given.
func (p program) serve(t *testing.T, args ...string) *stand {
	t.Helper()
	if len(args) == 0 {
		args = []string{"--rate", "0", "--daily", "0"}
	}
	cmd := p.command(nil, append([]string{"sandbox", "--memory", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Stderr = nil
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	s := &stand{t: t, stop: func() {
		if !stopped {
			stopped = true
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait()
		}
	}}
	t.Cleanup(s.stop)
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("starting the stand-in: %v", err)
	}
	s.url = strings.TrimSpace(address)
	return s
}

// seen is what the stand-in has seen.
type seen struct {
	Requests    int `json:"requests"`
	Created     int `json:"created"`
	RepeatSends int `json:"repeat_sends"`
	Throttled   int `json:"throttled"`
	Locations   map[string]struct {
		Relations int `json:"relations"`
	} `json:"by_location"`
}

func (s *stand) seen() (stats seen) {
	s.t.Helper()
	res, err := http.Get(s.url + "/_sandbox/stats")
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&stats); err != nil {
		s.t.Fatal(err)
	}
	return stats
}

// loadOfMachine is the system's own figure, for the head of the table.
func loadOfMachine() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "not told here"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}
