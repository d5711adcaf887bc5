//go:build unix

package chaos

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A service is a sandbox in a process of its own.
type service struct {
	t       testing.TB
	address string
	client  http.Client
}

// stats are the figures of the sandbox that are looked at here.
type stats struct {
	Requests    int            `json:"requests"`
	Status      map[string]int `json:"by_status"`
	Faults      map[string]int `json:"by_fault"`
	Relations   int            `json:"relations"`
	RepeatSends int            `json:"repeat_sends"`
	Throttled   int            `json:"throttled"`
	Locations   map[string]struct {
		Requests  int `json:"requests"`
		Relations int `json:"relations"`
	} `json:"by_location"`
}

// inFlight is how many requests have no answer yet.
func (s stats) inFlight() int {
	n := s.Requests
	for _, answered := range s.Status {
		n -= answered
	}
	return n
}

// unclear is how many answers were lost after the write: each of them may cost
// one repeat send.
func (s stats) unclear() int {
	return s.Faults["cut-after"] + s.Faults["html-after"] + s.Faults["truncate"] + s.Faults["slow"]
}

// serve starts a sandbox without limits; args come after.
func (w *world) serve(args ...string) *service {
	w.t.Helper()
	cmd := exec.Command(binary, append([]string{"sandbox", "--addr", "127.0.0.1:0", "--rate", "0", "--daily", "0"}, args...)...)
	cmd.Env = w.environ()
	cmd.Dir = w.dir
	said, err := os.Create(w.dir + "/sandbox.err")
	if err != nil {
		w.t.Fatal(err)
	}
	defer said.Close()
	cmd.Stderr = said
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		w.t.Fatalf("starting the sandbox: %v\n%s", err, read(w.t, said.Name()))
	}
	return &service{t: w.t, address: strings.TrimSpace(address), client: http.Client{Timeout: 20 * time.Second}}
}

func (s *service) stats() (v stats) {
	s.t.Helper()
	reply, err := s.client.Get(s.address + "/_sandbox/stats")
	if err != nil {
		s.t.Fatal(err)
	}
	defer reply.Body.Close()
	if err := json.NewDecoder(reply.Body).Decode(&v); err != nil {
		s.t.Fatal(err)
	}
	return v
}

// post moves the sandbox: outage?for=2s, revoke?token=…
func (s *service) post(what, body string) {
	s.t.Helper()
	reply, err := s.client.Post(s.address+"/_sandbox/"+what, "text/plain", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	reply.Body.Close()
	if reply.StatusCode >= 300 {
		s.t.Fatalf("POST %s: %s", what, reply.Status)
	}
}

// relations are all that the sandbox has.
func (s *service) relations() map[pair]bool {
	s.t.Helper()
	reply, err := s.client.Get(s.address + "/_sandbox/relations")
	if err != nil {
		s.t.Fatal(err)
	}
	defer reply.Body.Close()
	rows, err := csv.NewReader(reply.Body).ReadAll()
	if err != nil || len(rows) == 0 {
		s.t.Fatalf("the sandbox's relations: %v", err)
	}
	all := map[pair]bool{}
	for _, row := range rows[1:] {
		p := pair{row[0], row[1], row[2], row[3]}
		if all[p] {
			s.t.Errorf("the sandbox has %v twice", p)
		}
		all[p] = true
	}
	return all
}

// await waits until the sandbox has seen so many requests, or p has ended.
func (s *service) await(p *process, requests int) stats {
	s.t.Helper()
	for began := time.Now(); ; time.Sleep(2 * time.Millisecond) {
		now := s.stats()
		if now.Requests >= requests || !p.running() {
			return now
		}
		if time.Since(began) > patience {
			s.t.Fatalf("the sandbox saw %d requests in %v, want %d\n%s", now.Requests, patience, requests, tail(p.stderr()))
		}
	}
}

// idle waits until no request is in flight, not even one that a process which
// is gone by now has left in a socket.
func (s *service) idle() stats {
	s.t.Helper()
	before := -1
	for began := time.Now(); ; time.Sleep(30 * time.Millisecond) {
		now := s.stats()
		if now.inFlight() == 0 && now.Requests == before {
			return now
		}
		before = now.Requests
		if time.Since(began) > patience {
			s.t.Fatalf("requests are in flight for %v", patience)
		}
	}
}
